//! Pictures made small, and what only looks like one (C6).

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;
use worker::thumbnails;
use worker_contract::{Kind, Refusal};

/// The left half is red, the right half blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    let half = |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
    RgbImage::from_fn(width, height, half).into()
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).expect("it can be written");
    bytes
}

fn seen(small: &[u8]) -> RgbImage {
    image::load_from_memory(small).expect("a picture").to_rgb8()
}

fn is_red(pixel: Rgb<u8>) -> bool {
    pixel.0[0] > 180 && pixel.0[2] < 80
}

/// A chunk of a PNG.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [&kind[..], data].concat();
    let mut crc = u32::MAX;
    for byte in &named {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
        }
    }
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [&length[..], &named, &(!crc).to_be_bytes()].concat()
}

/// A PNG that says how large it is, and what follows.
fn png(width: u32, height: u32, chunks: &[Vec<u8>]) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &head), &chunks.concat(), &chunk(b"IEND", b"")].concat()
}

/// A JPEG whose Exif says which way is up, and where it was taken.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
    };
    let place = b"52.5163 13.3777, Pariser Platz\0";
    let count = u32::try_from(place.len()).expect("short");
    let entries = [entry(0x010e, 2, count, 38_u32.to_be_bytes()), entry(0x0112, 3, 1, [0, orientation, 0, 0])].concat();
    let tiff = [&b"MM\0*\0\0\0\x08\0\x02"[..], &entries, &[0; 4], place].concat();
    let body = [&b"Exif\0\0"[..], &tiff].concat();
    let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &body, &jpeg[2..]].concat()
}

#[test]
fn every_kind_of_picture_is_made_small_in_its_proportions_c6() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let made = thumbnails(&file(&halves(1200, 800), format)).unwrap_or_else(|why| panic!("{format:?}: {why}"));
        assert_eq!((made.kind, made.width, made.height), (Kind::Jpeg, 1200, 800), "{format:?}");
        let (small, large) = (seen(&made.small), seen(&made.large));
        assert_eq!((small.dimensions(), large.dimensions()), ((200, 133), (500, 333)), "{format:?}");
        for picture in [&small, &large] {
            let (width, height) = picture.dimensions();
            assert!(is_red(*picture.get_pixel(width / 8, height / 2)), "{format:?}");
            assert!(!is_red(*picture.get_pixel(width - width / 8, height / 2)), "{format:?}");
        }
        assert!(made.small.len() < 20_000, "{format:?}: {} bytes", made.small.len());
    }
}

#[test]
fn what_is_small_stays_as_large_and_what_is_transparent_transparent_c6() {
    let made = thumbnails(&file(&halves(40, 30), ImageFormat::Png)).expect("a picture");
    assert_eq!((seen(&made.small).dimensions(), seen(&made.large).dimensions()), ((40, 30), (40, 30)));
    let hole: DynamicImage = RgbaImage::from_pixel(600, 300, Rgba([0, 255, 0, 0])).into();
    let made = thumbnails(&file(&hole, ImageFormat::Png)).expect("a picture");
    assert_eq!(made.kind, Kind::Png);
    let small = image::load_from_memory(&made.small).expect("a picture").to_rgba8();
    assert_eq!((small.dimensions(), small.get_pixel(9, 9).0[3]), ((200, 100), 0));
}

#[test]
fn a_picture_stands_upright_and_tells_nothing_of_where_it_was_taken_c6() {
    let jpeg = file(&halves(800, 400), ImageFormat::Jpeg);
    for (orientation, size, red_is_at) in
        [(1, (200, 100), (20, 50)), (6, (100, 200), (50, 20)), (8, (100, 200), (50, 180)), (3, (200, 100), (180, 50))]
    {
        let told = with_exif(&jpeg, orientation);
        assert!(told.windows(14).any(|part| part == b"Pariser Platz\0"), "the file tells it");
        let made = thumbnails(&told).expect("a picture");
        let small = seen(&made.small);
        assert_eq!(small.dimensions(), size, "orientation {orientation}");
        assert_eq!(made.width > made.height, size.0 > size.1, "orientation {orientation}");
        assert!(is_red(*small.get_pixel(red_is_at.0, red_is_at.1)), "orientation {orientation}");
        for picture in [&made.small, &made.large] {
            assert!(!picture.windows(7).any(|part| part == b"Pariser" || part == b"Exif\0\0M"), "it goes on");
        }
    }
}

#[test]
fn a_flood_of_pixels_is_refused_before_it_takes_memory_e5() {
    let nothing = chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01");
    let gif =
        [&b"GIF89a\xff\xff\xff\xff\x80\0\0"[..], &[0; 6], b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;"].concat();
    let flood = png(65_000, 65_000, std::slice::from_ref(&nothing));
    for (bomb, name) in [
        (flood.clone(), "a PNG of 4,000 million pixels"),
        (png(u32::MAX / 2, 1, std::slice::from_ref(&nothing)), "a PNG of one line"),
        (png(9_000, 8_000, &[nothing]), "a PNG of 72 million"),
        (gif, "a GIF"),
    ] {
        let why = thumbnails(&bomb).expect_err(name);
        assert!(matches!(why, Refusal::TooManyPixels | Refusal::Damaged), "{name}: {why}");
    }
    assert_eq!(thumbnails(&flood).map(drop), Err(Refusal::TooManyPixels));
}

#[test]
fn what_is_no_picture_or_half_a_picture_is_an_answer_and_no_crash_c6() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    for other in [&b""[..], b"\xff\xd8\xff", b"BM......", b"%PDF-1.7", b"II*\0....", svg] {
        assert!(thumbnails(other).is_err(), "{}", String::from_utf8_lossy(other));
    }
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let whole = file(&halves(300, 200), format);
        // Whatever a decoder makes of it: it ends, and its answer is one.
        for length in (1..whole.len()).step_by(whole.len() / 40 + 1) {
            let _ = thumbnails(&whole[..length]);
            let mut torn = whole.clone();
            torn[length] ^= 0x55;
            let _ = thumbnails(&torn);
        }
        assert!(thumbnails(&whole).is_ok());
    }
}
