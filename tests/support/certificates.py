"""Certificates that a test makes for a server on this machine, with openssl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.support.missing import missing


class Certificates:
    """An authority of our own, and a certificate that it gave to ``127.0.0.1`` and ``localhost``."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("openssl") is None:
            missing("openssl", "a program that makes certificates")
        self.authority = folder / "authority.pem"
        self.certificate = folder / "server.pem"
        self.key = folder / "server.key"
        authority_key, request, extensions = folder / "authority.key", folder / "server.csr", folder / "extensions"
        extensions.write_text("subjectAltName = IP:127.0.0.1, DNS:localhost\n")
        elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        _openssl("req", "-x509", *elliptic, "-keyout", authority_key, "-out", self.authority, "-subj", "/CN=authority")
        _openssl("req", *elliptic, "-keyout", self.key, "-out", request, "-subj", "/CN=127.0.0.1")
        signing = ["-CA", self.authority, "-CAkey", authority_key, "-CAcreateserial", "-extfile", extensions]
        _openssl("x509", "-req", "-in", request, *signing, "-out", self.certificate, "-days", "2")


def _openssl(*args: str | Path) -> None:
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True)  # noqa: S607 - wherever it is
    assert done.returncode == 0, done.stderr
