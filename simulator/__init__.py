"""The market and the broker; knows nothing of protobuf or sockets."""
