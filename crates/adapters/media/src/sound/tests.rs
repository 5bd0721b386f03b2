use label::media::{Format, Reading, read};
use proptest::prelude::*;

use super::{format::Kind, *};

const KINDS: [(Kind, u16, u16); 6] = [
    (Kind::Unsigned8, 1, 8),
    (Kind::Signed16, 1, 16),
    (Kind::Signed24, 1, 24),
    (Kind::Signed32, 1, 32),
    (Kind::Float32, 3, 32),
    (Kind::Float64, 3, 64),
];

fn chunk(id: &[u8; 4], data: &[u8]) -> Vec<u8> {
    riff::chunk(*id, data).unwrap()
}

fn form(chunks: &[Vec<u8>]) -> Vec<u8> {
    let body = [b"WAVE".to_vec(), chunks.concat()].concat();
    [b"RIFF".as_slice(), &u32::try_from(body.len()).unwrap().to_le_bytes(), &body].concat()
}

fn fmt(tag: u16, bits: u16, channels: u16, rate: u32) -> Vec<u8> {
    let frame = channels * bits / 8;
    let seconds = rate * u32::from(frame);
    let fields =
        [u32::from(tag) | u32::from(channels) << 16, rate, seconds, u32::from(frame) | u32::from(bits) << 16];
    let fields = fields.map(u32::to_le_bytes);
    chunk(b"fmt ", &fields.concat())
}

/// A tone of that amplitude, as samples of one channel after the other.
fn tone(kind: Kind, channels: u16, frames: u16, amplitude: f32) -> Vec<u8> {
    let mut samples = Vec::new();
    for frame in 0..frames {
        let value = amplitude * (f32::from(frame) * 0.3).sin();
        (0..channels).for_each(|_| kind.encode(value, &mut samples));
    }
    samples
}

fn rhythm_at(moments: &[Moment]) -> AudibleStyle {
    AudibleStyle { signal: Signal::Rhythm, moments: moments.to_vec() }
}

/// The samples of a file, as values, one channel of them.
fn values(wav: &[u8]) -> Vec<f32> {
    let wave = Wave::read(wav).unwrap();
    let frames = wav[wave.samples.clone()].chunks_exact(wave.format.frame_bytes());
    frames.map(|frame| wave.format.kind.decode(&frame[..wave.format.kind.bytes()])).collect()
}

/// Tones and silences of a rhythm as lengths in tenths of a second, positive where there is tone.
fn rhythm_of(values: &[f32], rate: usize) -> Vec<i32> {
    let steps = values.chunks(rate / 100).map(|step| step.iter().any(|value| value.abs() > 0.01));
    let mut runs: Vec<(bool, i32)> = Vec::new();
    for is_tone in steps {
        match runs.last_mut() {
            Some((last, count)) if *last == is_tone => *count += 1,
            _ => runs.push((is_tone, 1)),
        }
    }
    runs.into_iter()
        .map(|(is_tone, count)| if is_tone { (count + 5) / 10 } else { -((count + 5) / 10) })
        .collect()
}

#[test]
fn every_depth_gets_the_rhythm_and_keeps_its_samples() {
    for (kind, tag, bits) in KINDS {
        for channels in [1, 2, 6] {
            let samples = tone(kind, channels, 4_000, 0.2);
            let wav = form(&[fmt(tag, bits, channels, 8_000), chunk(b"data", &samples)]);
            let labelled = label_sound(&wav, &AudibleStyle::default()).unwrap();
            let after = Wave::read(&labelled).unwrap();
            assert!(labelled[after.samples.clone()].ends_with(&samples), "{kind:?}");
            let heard = values(&labelled);
            let label = &heard[..heard.len() - 4_000];
            assert_eq!(rhythm_of(label, 8_000), [-2, 1, -1, 3, -3, 1, -1, 1, -2], "{kind:?} × {channels}");
        }
    }
}

#[test]
fn the_rhythm_is_as_loud_as_the_sound_within_bounds() {
    let rms = |values: &[f32]| {
        let tones: Vec<f32> = values
            .chunks(80)
            .filter(|step| step.iter().any(|value| value.abs() > 0.01))
            .flatten()
            .copied()
            .collect();
        (tones.iter().map(|value| value * value).sum::<f32>()
            / f32::from(u16::try_from(tones.len()).unwrap()))
        .sqrt()
    };
    for (amplitude, wanted) in [(0.1, 0.0707), (0.0, 0.07), (0.001, 0.07), (0.9, 0.16), (0.01, 0.025)] {
        let samples = tone(Kind::Float32, 1, 8_000, amplitude);
        let wav = form(&[fmt(3, 32, 1, 8_000), chunk(b"data", &samples)]);
        let labelled = values(&label_sound(&wav, &AudibleStyle::default()).unwrap());
        let label = rms(&labelled[..labelled.len() - 8_000]);
        assert!((label / wanted - 1.0).abs() < 0.08, "{amplitude}: {label}, not {wanted}");
    }
}

#[test]
fn the_rhythm_stands_where_it_is_wanted() {
    // Loud, but for a pause a little after the middle.
    let mut samples = tone(Kind::Signed16, 1, 40_000, 0.5);
    samples[42_000..44_000].fill(0);
    let wav = form(&[fmt(1, 16, 1, 8_000), chunk(b"data", &samples)]);
    let all = rhythm_at(&[Moment::End, Moment::Start, Moment::Middle, Moment::Start]);
    let labelled = label_sound(&wav, &all).unwrap();
    let label = 12_000 * 2;
    let before = &labelled[44 + label..];
    assert_eq!(labelled.len(), wav.len() + 3 * label);
    let middle = (21_000..=22_000).find(|frame| before[2 * frame..].starts_with(&[0; 3_000]));
    let place = 2 * middle.expect("the label begins in the pause");
    assert_eq!(before[..place], samples[..place]);
    let rest = &before[place..];
    let end = rest.len() - label;
    assert_eq!(&rest[end - 1_000..end], &samples[samples.len() - 1_000..]);
}

#[test]
fn a_sound_without_a_moment_is_refused() {
    let wav = form(&[fmt(1, 16, 1, 8_000), chunk(b"data", &[0; 64])]);
    assert!(label_sound(&wav, &rhythm_at(&[])).is_err());
}

#[test]
fn other_chunks_stay_and_what_counts_frames_follows() {
    let cue_at = |position: u32| {
        let at = position.to_le_bytes();
        [&1_u32.to_le_bytes()[..], &[1, 0, 0, 0], &at, b"data", &[0; 8], &at].concat()
    };
    let loop_at = |first: u32, last: u32| {
        [&[0; 36][..], &[0; 8], &first.to_le_bytes(), &last.to_le_bytes(), &[0; 8]].concat()
    };
    let samples = tone(Kind::Float32, 1, 101, 0.2);
    let file = |count: u32, cue: u32, first: u32, samples: &[u8]| {
        form(&[
            fmt(3, 32, 1, 1_000),
            chunk(b"fact", &count.to_le_bytes()),
            chunk(b"data", samples),
            chunk(b"cue ", &cue_at(cue)),
            chunk(b"smpl", &loop_at(first, first + 40)),
            chunk(b"LIST", b"INFOISFT\x05\0\0\0Lavf\0"),
        ])
    };
    let labelled = label_sound(&file(101, 7, 50, &samples), &AudibleStyle::default()).unwrap();
    let added = Wave::read(&labelled).unwrap().samples.len() / 4 - 101;
    let after: Vec<u8> = labelled[Wave::read(&labelled).unwrap().samples].to_vec();
    let added = u32::try_from(added).unwrap();
    assert_eq!(labelled, file(101 + added, 7 + added, 50 + added, &after));
}

#[test]
fn padding_and_odd_lengths_come_out_right() {
    for frames in [100, 101] {
        let samples = tone(Kind::Unsigned8, 1, frames, 0.2);
        let wav = form(&[fmt(1, 8, 1, 8_001), chunk(b"data", &samples), chunk(b"id3 ", b"x")]);
        let labelled = label_sound(&wav, &AudibleStyle::default()).unwrap();
        let after = labelled[Wave::read(&labelled).unwrap().samples].to_vec();
        assert_eq!(labelled, form(&[fmt(1, 8, 1, 8_001), chunk(b"data", &after), chunk(b"id3 ", b"x")]));
    }
}

#[test]
fn lengths_of_64_bits_follow() {
    let samples = tone(Kind::Signed16, 1, 100, 0.2);
    let wide = |samples: &[u8]| {
        let data = u64::try_from(samples.len()).unwrap();
        let body = |length: u64| {
            let ds64 = [length.to_le_bytes(), data.to_le_bytes(), (data / 2).to_le_bytes()].concat();
            let ds64 = chunk(b"ds64", &[ds64, vec![0; 4]].concat());
            [b"WAVE".as_slice(), &ds64, &fmt(1, 16, 1, 8_000), b"data", &[0xff; 4], samples].concat()
        };
        let length = u64::try_from(body(0).len()).unwrap();
        [b"RF64".as_slice(), &[0xff; 4], &body(length)].concat()
    };
    let labelled = label_sound(&wide(&samples), &AudibleStyle::default()).unwrap();
    let after = labelled[Wave::read(&labelled).unwrap().samples].to_vec();
    assert_eq!(labelled, wide(&after));
    assert!(after.len() > samples.len());
}

#[test]
fn a_recorders_open_end_is_closed() {
    let mut wav = form(&[fmt(1, 16, 1, 8_000), chunk(b"data", &tone(Kind::Signed16, 1, 100, 0.2))]);
    wav[4..8].fill(0xff);
    wav[40..44].fill(0xff);
    let labelled = label_sound(&wav, &AudibleStyle::default()).unwrap();
    assert_eq!(riff::u32_at(&labelled, 4).unwrap() as usize, labelled.len() - 8);
    assert_eq!(riff::u32_at(&labelled, 40).unwrap() as usize, labelled.len() - 44);
}

#[test]
fn the_rhythm_can_carry_a_hidden_label_beside_it() {
    let wav = form(&[fmt(1, 16, 2, 44_100), chunk(b"AIGC", b"{}"), chunk(b"data", &[0; 4_000])]);
    let labelled = label_sound(&wav, &AudibleStyle::default()).unwrap();
    let Reading { labels, .. } = read(Format::Wav, &labelled).unwrap();
    assert_eq!(labels[0].text, "{}");
}

#[test]
fn compressed_sound_is_refused() {
    let wav = form(&[fmt(7, 8, 1, 8_000), chunk(b"data", &[0; 64])]);
    assert!(matches!(label_sound(&wav, &AudibleStyle::default()), Err(MediaError::Unsupported(_))));
    assert!(matches!(
        label_sound(b"RIFF\x04\0\0\0AVI ", &AudibleStyle::default()),
        Err(MediaError::NotThis(_))
    ));
}

#[test]
fn the_clips_that_ship_are_spoken_labels() {
    for clip in [Clip::chinese().unwrap(), Clip::english().unwrap()] {
        for (kind, tag, bits) in KINDS {
            for rate in [8_000, 16_000, 44_100, 48_000] {
                let wav = form(&[fmt(tag, bits, 2, rate), chunk(b"data", &tone(kind, 2, 30_000, 0.1))]);
                let style =
                    AudibleStyle { signal: Signal::Spoken(clip.clone()), moments: vec![Moment::Start] };
                let heard = values(&label_sound(&wav, &style).unwrap());
                let label = &heard[..heard.len() - 30_000];
                let loudness = level::loudness(label, rate);
                assert!((0.05..0.09).contains(&loudness), "{kind:?} {rate}: {loudness}");
                let seconds = label.len() / usize::try_from(rate).unwrap();
                assert!((2..=3).contains(&seconds), "{seconds}");
            }
        }
    }
}

#[test]
fn a_recording_is_checked_for_words_and_speed() {
    let seconds = |count: u32| {
        let samples = tone(Kind::Signed16, 1, u16::try_from(count * 8_000).unwrap(), 0.3);
        form(&[fmt(1, 16, 1, 8_000), chunk(b"data", &samples)])
    };
    assert!(matches!(Clip::new(&seconds(2), "人工智能"), Err(ClipError::MissingElement(_))));
    assert!(matches!(Clip::new(&seconds(2), "人工智能生成"), Err(ClipError::Speed(180))));
    assert!(Clip::new(&seconds(4), "本音频由人工智能生成").is_ok());
    assert!(matches!(Clip::new(b"ID3", "AI生成"), Err(ClipError::Unreadable(_))));
}

#[test]
fn another_rate_keeps_the_pitch() {
    let tone_of = |rate: u32| {
        let step = std::f32::consts::TAU * 500.0 / f32::from(u16::try_from(rate).unwrap());
        let mut samples = Vec::new();
        (0..rate).for_each(|at| {
            Kind::Float32.encode((f32::from(u16::try_from(at).unwrap()) * step).sin(), &mut samples)
        });
        form(&[fmt(3, 32, 1, rate), chunk(b"data", &samples)])
    };
    let clip = Clip::new(&tone_of(8_000), "AI generated").unwrap();
    let wav = form(&[fmt(3, 32, 1, 48_000), chunk(b"data", &[0; 400])]);
    let style = AudibleStyle { signal: Signal::Spoken(clip), moments: vec![Moment::Start] };
    let heard = values(&label_sound(&wav, &style).unwrap());
    let crossings = heard.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
    assert!((498..=501).contains(&crossings), "{crossings} waves in a second");
}

proptest! {
    #[test]
    fn damaged_files_are_errors(at in 0_usize..120, value: u8, length in 0_usize..400) {
        let mut wav = form(&[fmt(1, 16, 1, 8_000), chunk(b"cue ", &[9; 30]), chunk(b"data", &[1; 300])]);
        if let Some(byte) = wav.get_mut(at) {
            *byte = value;
        }
        wav.truncate(length);
        let all = rhythm_at(&Moment::ALL);
        let _ = label_sound(&wav, &all);
    }
}
