"""What the scenarios are played with: processes, scripted backends, raw clients, and strict readers."""
