"""The sample company: a seeded, invented trader of tea and kitchen goods, written as feed files with its truth.

`write.write_sample_company` is the way in. What the other modules hold:

- `randomness`: streams of random numbers, one a subject, the same on every Python version
- `catalogue`, `company`: what the company sells, where, to whom, in which season
- `records`: what happened, as values
- `stockroom`, `demand`, `replenishment`, `simulation`: the days of the company, one after the other
- `feed_text`, `feed_files`, `faults`: the same facts as its channels and warehouses would export them
- `truth`: what every number must be, counted from the records alone

Nothing here knows the core, the feeds or the models: the sample company must be able to contradict them.
"""
