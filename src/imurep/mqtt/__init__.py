"""MQTT: what is said to a broker, and by whom. An edge; ``client`` alone knows the library."""
