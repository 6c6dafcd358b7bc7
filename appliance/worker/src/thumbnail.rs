use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use worker_contract::{Kind, LARGE_SIDE_MAX, Refusal, SMALL_SIDE_MAX, Thumbnails};

/// The largest pictures of telephones have 50 million, the largest of cameras that people share no more.
const PIXELS_MAX: u64 = 64_000_000;
const SIDE_MAX: u32 = 65_535;
/// Memory that a decoder may take for pixels, and for itself besides.
const DECODED_BYTES_MAX: u64 = 256 * 1024 * 1024;
const QUALITY: u8 = 80;

/// Makes a picture small. A moving one stands still at its first frame; of what its file tells besides (places, cameras, people) only
/// which way is up is used, and nothing goes on.
///
/// # Errors
/// [`Refusal`].
pub fn thumbnails(picture: &[u8]) -> Result<Thumbnails, Refusal> {
    let (decoded, orientation) = decode(picture)?;
    let turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (width, height) =
        if turned { (decoded.height(), decoded.width()) } else { (decoded.width(), decoded.height()) };
    let mut large = within(&decoded, LARGE_SIDE_MAX);
    drop(decoded);
    large.apply_orientation(orientation);
    let small = within(&large, SMALL_SIDE_MAX);
    let kind = if is_transparent(&large) { Kind::Png } else { Kind::Jpeg };
    Ok(Thumbnails { kind, width, height, small: encoded(&small, kind)?, large: encoded(&large, kind)? })
}

fn decode(picture: &[u8]) -> Result<(DynamicImage, Orientation), Refusal> {
    let format = image::guess_format(picture).map_err(|_| Refusal::Unknown)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP) {
        return Err(Refusal::Unknown);
    }
    let mut limits = Limits::no_limits();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE_MAX), Some(SIDE_MAX));
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(picture), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| refusal(&e))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(Refusal::TooManyPixels);
    }
    // What says which way is up may be wrong while the picture is not.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|e| refusal(&e))?;
    Ok((decoded, orientation))
}

fn refusal(error: &ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::TooManyPixels,
        ImageError::Unsupported(_) => Refusal::Unknown,
        _ => Refusal::Damaged,
    }
}

/// As it is where it is small already.
fn within(picture: &DynamicImage, side_max: u32) -> DynamicImage {
    if picture.width() <= side_max && picture.height() <= side_max {
        return picture.clone();
    }
    picture.thumbnail(side_max, side_max)
}

fn is_transparent(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] != u8::MAX)
}

fn encoded(picture: &DynamicImage, kind: Kind) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let outcome = match kind {
        Kind::Jpeg => picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)),
        Kind::Png => picture.to_rgba8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png),
    };
    outcome.map_err(|e| refusal(&e))?;
    Ok(bytes)
}
