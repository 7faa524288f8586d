"""What every area stands on: database, events, settings, errors, money, time and ids."""
