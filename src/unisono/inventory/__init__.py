"""How much of what lies where: levels, claims on them, the ledger of every physical change."""
