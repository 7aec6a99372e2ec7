"""The documentation: pages by hand in `pages/`, pages made from the code by `generate/`. `make docs` puts them together."""
