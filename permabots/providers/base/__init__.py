"""The modules that all providers share: the contract, the registry, HTTP, signatures, markup and splitting."""
