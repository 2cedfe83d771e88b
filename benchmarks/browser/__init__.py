"""The component as people have it: in Debian's Chromium, on the page that `fastapi-chatkit serve` serves.

`chromium.py` starts the browser and says what its processes use, `tab.py` is a page of it, `watch.js` is what the page
notes of itself, `tasks.py` what it works on, `talk.py` what is said, `long_thread.py` fills a thread, `built.py` weighs
the files, and `line.py` makes a line of the figures.
"""
