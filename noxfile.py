"""The tests on every version of Python that this machine has: `nox`, or `nox -s tests-3.13` for one."""

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Install what is locked, then the checkout, and run the tests; arguments go to pytest."""
    session.install("--require-hashes", "--only-binary", ":all:", "-r", "locks/dev.txt")
    session.install("--no-index", "--no-deps", "--no-build-isolation", "--editable", ".")
    session.run("python", "-m", "pytest", "-q", "-n", "auto", *session.posargs)
