__import__("setuptools").setup()  # everything there is to say stands in pyproject.toml
