"""A look-alike of BlueZ: ``org.bluez`` on a private D-Bus, on a simulated radio instead of the kernel.

bleak's own backend for Linux talks to it as it talks to bluetoothd, and so does
Chromium. It does what bluetoothd 5.6x does where a client can tell, errors and
their words included.
"""
