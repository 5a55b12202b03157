"""MQTT: payloads, topics, commands and the publisher. An edge; only ``client`` imports paho."""
