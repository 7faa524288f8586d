"""Who may do what: people with a role, and the API keys of programs with their scopes."""
