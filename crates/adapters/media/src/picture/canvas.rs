//! A decoded picture as it is seen, whatever way its pixels are stored.

use image::{DynamicImage, GenericImage as _, GenericImageView as _, Rgba, metadata::Orientation};

use super::{
    overlay::{Ground, Layout, Overlay, luminance},
    style::VisibleStyle,
};
use crate::MediaError;

/// One pixel in so many may be darker or brighter than what the plate is made for.
const SPECKS: usize = 100;

/// The pixels with the way they are turned for showing. They stay as they are stored, so that what speaks of them
/// (the orientation in EXIF, regions in XMP) stays true.
pub(super) struct Canvas<'p> {
    pub(super) picture: &'p mut DynamicImage,
    pub(super) orientation: Orientation,
}

impl Canvas<'_> {
    /// Puts a label onto the picture.
    pub(super) fn label(&mut self, style: &VisibleStyle) -> Result<(), MediaError> {
        let (width, height) = self.size();
        let layout = Layout::fit(style, width, height)?;
        let ground = self.ground(&layout);
        self.lay(&layout.draw(ground));
        Ok(())
    }

    /// As seen.
    fn size(&self) -> (u32, u32) {
        let (width, height) = self.picture.dimensions();
        if is_on_its_side(self.orientation) { (height, width) } else { (width, height) }
    }

    /// What is behind a label. What is transparent may be shown on white.
    fn ground(&self, layout: &Layout) -> Ground {
        let steps: Vec<f32> = (0..=u8::MAX).map(|grey| luminance(f32::from(grey))).collect();
        let linear = |value: u8| steps.get(usize::from(value)).copied().unwrap_or(1.0);
        let mut greys = Vec::new();
        for y in layout.y..layout.y.saturating_add(layout.height) {
            for x in layout.x..layout.x.saturating_add(layout.width) {
                let Some(Rgba([red, green, blue, alpha])) = self.get(x, y) else { continue };
                let green_and_red = 0.2126_f32.mul_add(linear(red), 0.7152 * linear(green));
                let luminance = 0.0722_f32.mul_add(linear(blue), green_and_red);
                let opaque = f32::from(alpha) / 255.0;
                let seen = luminance.mul_add(opaque, 1.0 - opaque);
                greys.push(u8::try_from(steps.partition_point(|&step| step < seen)).unwrap_or(u8::MAX));
            }
        }
        greys.sort_unstable();
        let specks = greys.len() / SPECKS;
        let darkest = greys.get(specks).copied().unwrap_or(0);
        let brightest = greys.iter().rev().nth(specks).copied().unwrap_or(u8::MAX);
        Ground { darkest, brightest }
    }

    fn lay(&mut self, overlay: &Overlay) {
        let columns = overlay.width as usize;
        for (y, row) in (overlay.y..).zip(overlay.rgba.chunks_exact(columns * 4)) {
            for (x, pixel) in (overlay.x..).zip(row.as_chunks::<4>().0) {
                if pixel[3] == 0 {
                    continue;
                }
                let Some(below) = self.get(x, y) else { continue };
                let (stored_x, stored_y) = self.stored(x, y);
                self.picture.put_pixel(stored_x, stored_y, over(Rgba(*pixel), below));
            }
        }
    }

    fn get(&self, x: u32, y: u32) -> Option<Rgba<u8>> {
        let (x, y) = self.stored(x, y);
        self.picture.in_bounds(x, y).then(|| self.picture.get_pixel(x, y))
    }

    /// Where a pixel that is seen at that place is stored (EXIF 2.32, tag 0x0112).
    fn stored(&self, x: u32, y: u32) -> (u32, u32) {
        let (width, height) = self.picture.dimensions();
        let from_right = |x: u32| width.wrapping_sub(1).wrapping_sub(x);
        let from_bottom = |y: u32| height.wrapping_sub(1).wrapping_sub(y);
        match self.orientation {
            Orientation::NoTransforms => (x, y),
            Orientation::FlipHorizontal => (from_right(x), y),
            Orientation::Rotate180 => (from_right(x), from_bottom(y)),
            Orientation::FlipVertical => (x, from_bottom(y)),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate90 => (y, from_bottom(x)),
            Orientation::Rotate270FlipH => (from_right(y), from_bottom(x)),
            Orientation::Rotate270 => (from_right(y), x),
        }
    }
}

const fn is_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// One straight colour over another.
fn over(Rgba([red, green, blue, alpha]): Rgba<u8>, Rgba(below): Rgba<u8>) -> Rgba<u8> {
    let (alpha, below_alpha) = (u32::from(alpha), u32::from(below[3]));
    // In units of 1/255²; never zero, since what is transparent is not laid.
    let kept = below_alpha * (255 - alpha);
    let sum = alpha * 255 + kept;
    let mix = |above: u8, below: u8| {
        let mixed = (u32::from(above) * alpha * 255 + u32::from(below) * kept + sum / 2) / sum.max(1);
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    let all = u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX);
    Rgba([mix(red, below[0]), mix(green, below[1]), mix(blue, below[2]), all])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_stored_where_turning_the_picture_shows_it() {
        let stored = DynamicImage::ImageLuma8(image::GrayImage::from_fn(3, 2, |x, y| {
            image::Luma([u8::try_from(10 * y + x).unwrap()])
        }));
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut shown = stored.clone();
            shown.apply_orientation(orientation);
            let mut picture = stored.clone();
            let canvas = Canvas { picture: &mut picture, orientation };
            assert_eq!(canvas.size(), shown.dimensions());
            for (x, y, pixel) in shown.pixels() {
                assert_eq!(canvas.get(x, y), Some(pixel), "orientation {exif}, {x}, {y}");
            }
        }
    }

    #[test]
    fn colours_lie_over_one_another() {
        assert_eq!(over(Rgba([255, 255, 255, 255]), Rgba([1, 2, 3, 255])), Rgba([255, 255, 255, 255]));
        assert_eq!(over(Rgba([10, 20, 30, 128]), Rgba([0, 0, 0, 0])), Rgba([10, 20, 30, 128]));
        assert_eq!(over(Rgba([0, 0, 0, 51]), Rgba([100, 100, 100, 255])), Rgba([80, 80, 80, 255]));
    }
}
