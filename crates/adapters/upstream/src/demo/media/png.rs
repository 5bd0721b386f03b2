//! PNG (ISO/IEC 15948), as much as a poster needs.

use std::io::{self, Write as _};

use flate2::{Compression, Crc, write::ZlibEncoder};

/// A picture of `width` columns as a PNG file; `pixels` are red, green and blue, row by row.
pub(super) fn encode(width: u32, height: u32, pixels: &[u8]) -> io::Result<Vec<u8>> {
    let stride = usize::try_from(width).unwrap_or_default().saturating_mul(3).max(1);
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::fast());
    let mut above = vec![0_u8; stride];
    for row in pixels.chunks_exact(stride) {
        // Filter 2: the difference to the row above, which is nought in most of a gradient.
        let difference: Vec<u8> =
            row.iter().zip(&above).map(|(now, above)| now.wrapping_sub(*above)).collect();
        rows.write_all(&[2])?;
        rows.write_all(&difference)?;
        above.copy_from_slice(row);
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    // 8 bits, RGB, the only compression, filtering and order of rows.
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    chunk(&mut file, *b"IHDR", &head)?;
    chunk(&mut file, *b"IDAT", &rows.finish()?)?;
    chunk(&mut file, *b"IEND", &[])?;
    Ok(file)
}

fn chunk(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) -> io::Result<()> {
    let length = u32::try_from(data.len()).map_err(io::Error::other)?;
    let mut sum = Crc::new();
    sum.update(&name);
    sum.update(data);
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(&name);
    file.extend_from_slice(data);
    file.extend_from_slice(&sum.sum().to_be_bytes());
    Ok(())
}
