"""SHA256SUMS signed, and its request for a time stamp: made, checked, and checked by stock openssl."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.case_reading import sha256_of
from tests.end_to_end.command_line import DC01, Run, run_program
from tests.end_to_end.signed_case import copy_of, failed, signed_case, verify

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shared_folder import SharedFolder

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")


@pytest.fixture(scope="session")
def signed(shared: SharedFolder) -> Run:
    return signed_case(shared)


@pytest.fixture(scope="session")
def keys(shared: SharedFolder, signed: Run) -> Path:
    """The folder of the keys that the case was signed with."""
    assert signed.output.exists(), signed.stderr
    return shared.once("signing", lambda _folder: None)


@pytest.fixture
def case(signed: Run, tmp_path: Path) -> Path:
    """A copy of the signed case."""
    return copy_of(signed.output, tmp_path)


@needs_openssl
def test_stock_openssl_verifies_the_signature(signed: Run) -> None:
    command = "openssl pkeyutl -verify -pubin -inkey SHA256SUMS.pub.pem -rawin -in SHA256SUMS"
    done = subprocess.run(  # noqa: S603 - a fixed command
        [*command.split(), "-sigfile", "SHA256SUMS.sig"], cwd=signed.output, capture_output=True, check=False
    )

    assert (done.returncode, b"Signature Verified Successfully" in done.stdout) == (0, True)
    assert (signed.output / "SHA256SUMS.sig").stat().st_size == 64


@needs_openssl
def test_stock_openssl_reads_the_time_stamp_request(signed: Run) -> None:
    command = "openssl ts -query -in SHA256SUMS.tsq -text"
    done = subprocess.run(  # noqa: S603 - a fixed command
        command.split(), cwd=signed.output, capture_output=True, check=True, text=True
    )

    digest = "".join(
        line.partition("-")[2][:48].replace("-", " ")
        for line in done.stdout.splitlines()
        if line.startswith("    0")
    )
    hexadecimal = "".join(part for part in digest.split() if len(part) == 2)
    assert sha256_of(signed.output / "SHA256SUMS") in hexadecimal.replace(" ", "")
    assert "Hash Algorithm: sha256" in done.stdout
    assert "Certificate required: yes" in done.stdout


def test_a_key_that_lies_beside_the_output_is_said_to_prove_nothing(signed: Run, keys: Path) -> None:
    beside = verify(signed.output)
    given = verify(signed.output, "--public-key", keys / "public.pem")

    assert (beside.code, given.code) == (0, 0)
    assert "proves nothing about who ran it" in beside.stdout
    assert "proves nothing" not in given.stdout


def test_the_signature_of_another_key_is_none(signed: Run, keys: Path) -> None:
    run = verify(signed.output, "--public-key", keys / "other.pem")

    assert run.code == 1
    assert any("is not the signature of SHA256SUMS by the key" in line for line in failed(run))
    assert any("SHA256SUMS.pub.pem is another key" in line for line in failed(run))


def test_a_signature_whose_files_were_all_taken_away_is_missed(case: Path) -> None:
    for name in ("SHA256SUMS.sig", "SHA256SUMS.pub.pem"):
        (case / name).unlink()

    assert failed(verify(case)) == [
        "FAILED  signature: the case was made with --sign, and SHA256SUMS.sig is missing"
    ]


def test_without_the_extra_what_it_is_needed_for_says_how_to_install_it(
    signed: Run, keys: Path, tmp_path: Path
) -> None:
    for name in ("cryptography", "rfc3161_client"):
        (tmp_path / "bare" / name).mkdir(parents=True)
        (tmp_path / "bare" / name / "__init__.py").write_text("raise ImportError")
    changes = {"PYTHONPATH": os.pathsep.join((str(tmp_path / "bare"), str(DC01.parent.parent)))}
    analyze = ("analyze", DC01, "--output", tmp_path / "case")

    signing = run_program(*analyze, "--sign", keys / "key.pem", changes=changes)
    stamping = run_program(*analyze, "--timestamp-query", changes=changes)
    checking = run_program("verify", signed.output, changes=changes)

    assert (signing.code, stamping.code, checking.code) == (2, 2, 1)
    for text in (signing.stderr, stamping.stderr, checking.stdout):
        assert "pip install rustdesk-forensics[sign]" in text
    assert not (tmp_path / "case").exists()
