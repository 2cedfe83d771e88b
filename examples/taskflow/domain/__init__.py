"""The rules, the tables and the transactions: what TaskFlow is, whoever asks."""
