"""What is left of a build that is killed, torn or refused at any of its changes to the file system."""
