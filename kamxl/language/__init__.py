"""The rule language: YAML text to a validated RuleSet."""
