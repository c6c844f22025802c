"""The rule system: tables, finders of each kind of mention, and rules that link them."""
