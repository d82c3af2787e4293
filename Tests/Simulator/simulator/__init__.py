"""A simulator of the Kubernetes 1.36 API server; see ../apiserver.py."""
