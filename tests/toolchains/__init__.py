"""Projects as the scaffolders of front-end tools make them, with a model: `make toolchains` tries them."""
