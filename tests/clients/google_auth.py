"""google-auth's external accounts, unchanged, against a server on loopback; prints the token as JSON.

Arguments: the file of the configuration, as `gcloud iam workload-identity-pools create-cred-config` writes one.
Fails on any look-up of a name, and on any connection that leaves loopback.
"""
import ipaddress
import json
import socket
import sys

connect = socket.socket.connect


def guarded(self, address):
    if not ipaddress.ip_address(address[0]).is_loopback:
        raise AssertionError(f"connects to {address}")
    return connect(self, address)


look_up = socket.getaddrinfo


def guarded_look_up(host, *further, **named):
    if not ipaddress.ip_address(host).is_loopback:
        raise AssertionError(f"looks up {host}")
    return look_up(host, *further, **named)


socket.socket.connect = guarded
socket.getaddrinfo = guarded_look_up

import google.auth  # noqa: E402
import google.auth.exceptions  # noqa: E402
import google.auth.transport.requests  # noqa: E402

credentials, _ = google.auth.load_credentials_from_file(
    sys.argv[1], scopes=["https://www.googleapis.com/auth/cloud-platform"]
)
try:
    credentials.refresh(google.auth.transport.requests.Request())
    print(json.dumps({"token": credentials.token, "universe": credentials.universe_domain}))
except google.auth.exceptions.GoogleAuthError as error:
    print(json.dumps({"error": str(error)}))
