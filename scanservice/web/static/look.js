// Cheap looks at a photograph before it is sent. They warn; they never forbid: what counts is the check.

export const LOOK_SIDE = 1000; // pixels on the longer side that is looked at
const SMALL_SIDE = 1200; // a form of 297 mm then has about 100 dpi: its smallest print cannot be read
// On the sample scans in fixtures/ the third quartile of brightness (the paper) is 207 to 253 of 255, and the
// steepest hundredth of steps between neighbours 41 to 77 percent of the contrast; blurred by a thousandth of
// the picture's side the latter is 21 to 36, by a five-hundredth 11 to 21.
const DARK = 110;
const BLURRED = 20;

// What is amiss with a picture: "small", "dark", "blurred", "fine", or "unseen" where the browser cannot
// decode it (HEIC, TIFF), which says nothing against it.
export async function look(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return "unseen";
  }
  if (Math.max(picture.width, picture.height) < SMALL_SIDE) return "small";
  const { grey, width, height } = grayscale(picture);
  picture.close();
  const { low, high, light } = tones(grey);
  if (light < DARK) return "dark";
  return steepness(grey, width, height) / Math.max(1, high - low) * 100 < BLURRED ? "blurred" : "fine";
}

function grayscale(picture) {
  const scale = Math.min(1, LOOK_SIDE / Math.max(picture.width, picture.height));
  const width = Math.round(picture.width * scale);
  const height = Math.round(picture.height * scale);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i += 1) {
    grey[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
  }
  return { grey, width, height };
}

function tones(grey) {
  const counts = new Uint32Array(256);
  for (const value of grey) counts[value] += 1;
  const at = (share) => {
    let left = share * grey.length;
    for (let value = 0; value < 256; value += 1) {
      left -= counts[value];
      if (left <= 0) return value;
    }
    return 255;
  };
  return { low: at(0.02), high: at(0.98), light: at(0.75) };
}

// The step between neighbours along a row that one in a hundred exceeds.
function steepness(grey, width, height) {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width - 1; x += 1) {
      counts[Math.abs(grey[y * width + x + 1] - grey[y * width + x])] += 1;
      total += 1;
    }
  }
  let left = total * 0.01;
  for (let value = 255; value >= 0; value -= 1) {
    left -= counts[value];
    if (left <= 0) return value;
  }
  return 0;
}
