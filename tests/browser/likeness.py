"""How like two pictures are, as a browser sees them from afar.

From afar another font is no difference, and something that is not there or has lost its style is one.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from playwright.async_api import Page

SCREENS = Path(__file__).parent / "screens"
MOST = 0.25
"""By how much pictures may differ, of 1: the share of what stands out in one and is nowhere near there in the other."""

DIFFERENCE = """
async ([one, other]) => {
  const SCALE = 8, NEAR = 2, LIKE = 40, STANDS_OUT = 10;
  const picture = async data => {
    const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const [width, height] = [Math.round(bitmap.width / SCALE), Math.round(bitmap.height / SCALE)];
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    const { data: pixels } = context.getImageData(0, 0, width, height);
    const colours = Array.from({ length: width * height }, (_, at) => [...pixels.slice(at * 4, at * 4 + 3)]);
    const counts = Map.groupBy(colours, String);
    const ground = [...counts].reduce((most, one) => (one[1].length > most[1].length ? one : most))[1][0];
    return { width, height, colours, ground };
  };
  const apart = (a, b) => Math.max(...a.map((value, index) => Math.abs(value - b[index])));
  const isLike = (colour, other, ground) => apart(colour, other) <= LIKE && apart(other, ground) > STANDS_OUT;
  const missing = (a, b) => {
    let [all, without] = [0, 0];
    for (let y = 0; y < a.height; y++) {
      for (let x = 0; x < a.width; x++) {
        const colour = a.colours[y * a.width + x];
        if (apart(colour, a.ground) <= STANDS_OUT) continue;
        all += 1;
        let found = false;
        for (let v = Math.max(0, y - NEAR); !found && v <= Math.min(b.height - 1, y + NEAR); v++)
          for (let u = Math.max(0, x - NEAR); !found && u <= Math.min(b.width - 1, x + NEAR); u++)
            found = isLike(colour, b.colours[v * b.width + u], b.ground);
        if (!found) without += 1;
      }
    }
    return without / Math.max(1, all);
  };
  const [a, b] = [await picture(one), await picture(other)];
  if (a.width !== b.width || a.height !== b.height || apart(a.ground, b.ground) > STANDS_OUT) return 1;
  return Math.max(missing(a, b), missing(b, a));
}
"""


async def difference(page: Page, name: str) -> float:
    """How far a page is from what it should look like: a picture in ``screens/`` that somebody has looked at.

    With ``CHATKIT_TEST_SCREENS=write`` what it looks like now becomes that picture.
    """
    now = await page.screenshot(animations="disabled", caret="hide", scale="css")
    path = SCREENS / f"{name}.png"
    if os.environ.get("CHATKIT_TEST_SCREENS") == "write":
        path.write_bytes(now)
    pictures = [base64.b64encode(picture).decode() for picture in (path.read_bytes(), now)]
    return await page.evaluate(DIFFERENCE, pictures)
