//! Writes every page in every sample state to a folder, for looking at: `cargo run -p portal --example render_samples -- OUT`.

use std::{error::Error, fs, path::PathBuf};

use terms::Locale;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("a folder to write to is needed")?);
    fs::create_dir_all(out.join("assets"))?;
    for (name, bytes) in portal::pages::assets() {
        fs::write(out.join("assets").join(name), bytes)?;
    }
    for locale in Locale::ALL {
        fs::create_dir_all(out.join(locale.tag()))?;
        for (name, html) in portal::pages::render_samples(locale)? {
            let html = html.replace("\"/assets/", "\"../assets/");
            fs::write(out.join(locale.tag()).join(format!("{name}.html")), html)?;
        }
    }
    Ok(())
}
