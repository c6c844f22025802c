"""Label Studio, there and back: labelling configuration, tasks, and talking to a server."""
