"""Photographs as telephones take them: with a place, a camera and a thumb on the side."""

import io

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

RED, BLUE = (200, 30, 30), (30, 30, 200)
CAMERA = "Spy Camera 9000"


def photo(width: int = 160, height: int = 120, *, sideways: bool = False, form: str = "JPEG", mark: int = 0) -> bytes:
    """Left half red, right half blue, when it is held upright; `mark` makes one differ from another."""
    picture = Image.new("RGB", (width, height), BLUE)
    picture.paste(RED, (0, 0, width // 2, height))
    picture.paste((40 * mark % 256, 90, 90), (0, 0, width // 4, height // 4))
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model] = CAMERA, CAMERA
    if sideways:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
        exif[Base.Orientation] = 6  # turn it a quarter clockwise to see it upright
    place = exif.get_ifd(IFD.GPSInfo)
    place[GPS.GPSLatitudeRef], place[GPS.GPSLatitude] = "N", (39.0, 40.0, 12.0)
    place[GPS.GPSLongitudeRef], place[GPS.GPSLongitude] = "E", (106.0, 49.0, 5.0)
    out = io.BytesIO()
    picture.save(out, form, exif=exif, quality=95, **({"comment": CAMERA} if form == "JPEG" else {}))
    return out.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
