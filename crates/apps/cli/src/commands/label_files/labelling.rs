//! Bytes in, labelled bytes out: the visible label first, the hidden one after it, each read back.

use std::path::Path;

use anyhow::{Context as _, bail};
use label::{
    AigcLabel, ProviderCode, SecretKey, VisibleLabel, markdown,
    media::{self as hidden, DigitalSource, Format, Marks},
    plain, verify_text,
};
use media::{
    AudibleStyle, Clip, Moment, PictureFormat, Place, Shape, Signal, Video, VideoFormat, VideoLimits,
    VisibleStyle, Wording, label_picture, label_sound,
};
use operations::{FileVerification, propagated_label};
use server::{OsEntropy, SystemClock};
use terms::{Clock as _, ProduceId};

use super::LabelArgs;
use crate::output::Misuse;

/// What is asked for, checked.
pub(super) struct Job {
    role: Role,
    text_label: VisibleLabel,
    is_hidden_only: bool,
    visible: VisibleStyle,
    audible: AudibleStyle,
}

/// As whom files are labelled.
enum Role {
    Producer { code: ProviderCode, produce_id: Option<ProduceId>, key: Option<SecretKey> },
    Platform { code: ProviderCode, propagate_id: Option<String>, is_declared: bool },
}

/// A labelled file.
pub(super) struct Labelled {
    pub(super) bytes: Vec<u8>,
    /// The number that the label gives it.
    pub(super) number: String,
    /// Whose number that is, in JSON.
    pub(super) number_key: &'static str,
}

impl Job {
    /// What `args` ask for; `key` signs the labels.
    pub(super) fn new(args: &LabelArgs, key: Option<SecretKey>) -> anyhow::Result<Self> {
        let code = |name: &str, text: Option<&String>| {
            let text = text.map(String::as_str).unwrap_or_default();
            ProviderCode::parse(text).map_err(|error| Misuse(format!("--{name}: {error}")))
        };
        let role = if args.propagate {
            Role::Platform {
                code: code("platform", args.platform.as_ref())?,
                propagate_id: args.propagate_id.clone(),
                is_declared: args.declared,
            }
        } else {
            let code = code("provider", args.provider.as_ref())?;
            Role::Producer { code, produce_id: args.produce_id, key }
        };
        let unknown = |name: &str, word: &str| Misuse(format!("--{name}: `{word}` is not one of its words"));
        let wording = Wording::new(&args.wording).map_err(|error| Misuse(format!("--wording: {error}")))?;
        let place = Place::from_word(&args.place).ok_or_else(|| unknown("place", &args.place))?;
        let shape = if args.tile { Shape::Tile } else { Shape::Plate };
        let signal = match args.voice.as_str() {
            "rhythm" => Signal::Rhythm,
            "zh" => Signal::Spoken(Clip::chinese()?),
            "en" => Signal::Spoken(Clip::english()?),
            other => bail!(unknown("voice", other)),
        };
        let moments = args
            .moment
            .iter()
            .map(|word| Moment::from_word(word).ok_or_else(|| unknown("moment", word)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            role,
            text_label: VisibleLabel::new(VisibleLabel::DEFAULT_TEMPLATE)?,
            is_hidden_only: args.hidden_only,
            visible: VisibleStyle { wording, place, shape },
            audible: AudibleStyle { signal, moments },
        })
    }

    /// Labels one file; of its path only the extension counts, and that only for texts.
    pub(super) fn label(&self, bytes: &[u8], path: &Path) -> anyhow::Result<Labelled> {
        let new_id = || ProduceId::generate(SystemClock.now(), &OsEntropy);
        match &self.role {
            Role::Producer { code, produce_id, key } => {
                let produce_id = produce_id.unwrap_or_else(new_id);
                let label = AigcLabel::new(code, &produce_id);
                let label = match key {
                    Some(key) => label.with_security(key, &OsEntropy)?,
                    None => label,
                };
                let bytes = match Format::sniff(bytes) {
                    Some(format) => self.label_medium(bytes, format, &label, &produce_id)?,
                    None => self.label_text(bytes, path, &label, &produce_id)?,
                };
                Ok(Labelled { bytes, number: produce_id.to_string(), number_key: "produce_id" })
            }
            Role::Platform { code, propagate_id, is_declared } => {
                let number = propagate_id.clone().unwrap_or_else(|| new_id().to_string());
                let found = FileVerification::without_record(bytes, &self.text_label, *is_declared);
                let label = propagated_label(&found, code, &number)?;
                let bytes = match Format::sniff(bytes) {
                    Some(format) => hidden::label(format, bytes, &Marks { label: &label, source: None })?,
                    None if is_markdown(path) => markdown::replace(text_of(bytes)?, &label)?.into_bytes(),
                    None => bail!(Misuse(not_labelled(path))),
                };
                Ok(Labelled { bytes, number, number_key: "propagate_id" })
            }
        }
    }

    fn label_medium(
        &self,
        bytes: &[u8],
        format: Format,
        label: &AigcLabel,
        produce_id: &ProduceId,
    ) -> anyhow::Result<Vec<u8>> {
        let marks = Marks { label, source: Some(DigitalSource::TrainedAlgorithmicMedia) };
        // Whether it takes the hidden label is known before anything is drawn.
        hidden::write(format, bytes, &marks)?;
        let shown = if self.is_hidden_only {
            None
        } else if let Some(picture) = PictureFormat::sniff(bytes) {
            Some(label_picture(bytes, picture, &self.visible).context("putting the label on the picture")?)
        } else if format == Format::Wav {
            Some(label_sound(bytes, &self.audible).context("putting the label before the sound")?)
        } else if hidden::takes_line(format) {
            Some(hidden::add_line(format, bytes, &self.text_label, produce_id)?)
        } else if let Some(video) = VideoFormat::sniff(bytes) {
            let Some(ffmpeg) = Video::available() else {
                bail!("video is labelled by ffmpeg and ffprobe, which are not installed here");
            };
            let labelled = ffmpeg.label(bytes, video, &self.visible, VideoLimits::default());
            Some(labelled.context("putting the label on the video")?)
        } else {
            bail!(Misuse(format!(
                "the visible label cannot be put into `.{}` files here; where it is shown already, use --hidden-only",
                format.as_str()
            )));
        };
        Ok(hidden::label(format, shown.as_deref().unwrap_or(bytes), &marks)?)
    }

    fn label_text(
        &self,
        bytes: &[u8],
        path: &Path,
        label: &AigcLabel,
        produce_id: &ProduceId,
    ) -> anyhow::Result<Vec<u8>> {
        let is_markdown = is_markdown(path);
        if !is_markdown && !has_extension(path, &["txt", "text"]) {
            bail!(Misuse(not_labelled(path)));
        }
        if self.is_hidden_only && !is_markdown {
            bail!(Misuse("a plain text has no place for a hidden label".to_owned()));
        }
        let mut text = text_of(bytes)?.to_owned();
        if !self.is_hidden_only {
            text = plain::write(&text, &self.text_label, produce_id)?;
        }
        if is_markdown {
            text = markdown::write(&text, label)?;
        }
        // What is written is read back before it counts (invariant 6).
        if !verify_text(text.as_bytes()).produce_ids().contains(produce_id) {
            bail!("the label could not be read back from the text; nothing was written");
        }
        Ok(text.into_bytes())
    }
}

fn text_of(bytes: &[u8]) -> anyhow::Result<&str> {
    std::str::from_utf8(bytes).context("reading the text")
}

fn is_markdown(path: &Path) -> bool {
    has_extension(path, &["md", "markdown"])
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    extensions.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

fn not_labelled(path: &Path) -> String {
    let formats: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
    format!("`{}` is no file that takes this label: md, txt, {} are", path.display(), formats.join(", "))
}
