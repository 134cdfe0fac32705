"""Everything there is to say stands in pyproject.toml, but one thing: a build begins with an empty folder.

``pip install .`` builds in the clone, and setuptools puts whatever an earlier build left there into the wheel: files
that are gone since, migrations too.
"""

from pathlib import Path
from shutil import rmtree

from setuptools import setup
from setuptools.command.build import build


class Build(build):
    """Builds from nothing."""

    def run(self) -> None:
        """Build."""
        if Path(self.build_lib).is_dir():
            rmtree(self.build_lib)
        super().run()


setup(cmdclass={"build": Build})
