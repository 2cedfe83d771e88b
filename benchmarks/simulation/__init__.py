"""A deployment on paper: what was measured on one machine, put together for 1,000,000 open streams.

- `figures`: the measured costs, each with where it came from (`figures.json`).
- `deployment`: what is assumed, and the arithmetic: processes, shards, databases, bytes.
- `fanout`: where readers are after they have come back, stream by stream and second by second.
- `zone`: the loss of a third of everything, client by client and tenth of a second by tenth.

`python -m benchmarks.simulation` prints the tables of `docs/scale.md` and draws its picture.
"""
