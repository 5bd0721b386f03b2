//! A voice: a buzz through three resonances for each syllable, as vowels are made. One hears speech, and no words.

use std::f32::consts::TAU;

/// Samples a second.
const RATE: f32 = 24_000.0;
/// The longest speech, in samples: a minute.
const SAMPLES_MAX: usize = 1_440_000;

/// The first three resonances of five vowels in Hz, about those of Peterson and Barney (1952).
const VOWELS: [[f32; 3]; 5] = [
    [730.0, 1090.0, 2440.0],
    [530.0, 1840.0, 2480.0],
    [270.0, 2290.0, 3010.0],
    [570.0, 840.0, 2410.0],
    [300.0, 870.0, 2240.0],
];

/// The words as a WAVE file: 24 kHz, 16 bits, one channel.
pub(super) fn speak(words: &str, voice: &str, speed: f32) -> Vec<u8> {
    let speed = speed.clamp(0.25, 4.0);
    let pitch = 95.0 + f32::from(u8::try_from(super::hash(voice) % 120).unwrap_or_default());
    let mut samples: Vec<f32> = Vec::new();
    for letter in words.chars() {
        if samples.len() >= SAMPLES_MAX {
            samples.truncate(SAMPLES_MAX);
            break;
        }
        match letter {
            '.' | '!' | '?' | '\n' | '。' | '！' | '？' => pause(&mut samples, 0.35 / speed),
            ',' | ';' | ':' | '，' | '；' | '：' | '、' => pause(&mut samples, 0.2 / speed),
            ' ' => pause(&mut samples, 0.05 / speed),
            letter => {
                // A Chinese character is a syllable; of Latin letters the vowels are.
                let is_syllable = !letter.is_ascii() || "aeiouyAEIOUY0123456789".contains(letter);
                let lasts = if is_syllable { 0.19 } else { 0.05 } / speed;
                let kind = super::hash(letter.to_lowercase().to_string().as_str());
                sound(&mut samples, kind, is_syllable, pitch, lasts);
            }
        }
    }
    pause(&mut samples, 0.2);
    to_wave(&samples)
}

fn count(seconds: f32) -> usize {
    let samples = (seconds * RATE).clamp(0.0, RATE * 10.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 240,000 by the line above"
    )]
    let samples = samples as usize;
    samples
}

fn pause(samples: &mut Vec<f32>, seconds: f32) {
    samples.resize(samples.len().saturating_add(count(seconds)), 0.0);
}

/// One syllable, or the hiss of a consonant.
fn sound(samples: &mut Vec<f32>, kind: u64, is_vowel: bool, pitch: f32, seconds: f32) {
    let length = count(seconds);
    let vowel = VOWELS.get(usize::try_from(kind % 5).unwrap_or_default()).copied().unwrap_or_default();
    let mut resonances = vowel.map(Resonance::at);
    // The tone falls or rises a little with the syllable, as it does in speech.
    let slope = (f32::from(u8::try_from(kind / 5 % 41).unwrap_or_default()) - 20.0) / 100.0;
    let mut noise = kind | 1;
    let mut phase = 0.0_f32;
    for at in 0..length {
        let share = ratio(at, length);
        let loud = (share * std::f32::consts::PI).sin().sqrt();
        let source = if is_vowel {
            phase = (phase + pitch * (1.0 + slope * share) / RATE).fract();
            // A pulse that opens slowly and closes at once, like the glottis.
            if phase < 0.6 { (phase / 0.6 * TAU / 4.0).sin() } else { -0.35 }
        } else {
            noise = noise.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
            f32::from(u8::try_from(noise >> 56).unwrap_or_default()) / 512.0 - 0.25
        };
        let heard: f32 = if is_vowel {
            resonances.iter_mut().map(|resonance| resonance.pass(source)).sum()
        } else {
            source * 0.4
        };
        samples.push(heard * loud * 0.5);
    }
}

fn ratio(part: usize, whole: usize) -> f32 {
    let number = |value: usize| f32::from(u16::try_from(value >> 4).unwrap_or(u16::MAX));
    number(part) / number(whole).max(1.0)
}

/// A filter with one resonance.
struct Resonance {
    gain: f32,
    first: f32,
    second: f32,
    before: [f32; 2],
}

impl Resonance {
    fn at(frequency: f32) -> Self {
        let radius = (-std::f32::consts::PI * 90.0 / RATE).exp();
        let turn = TAU * frequency / RATE;
        Self {
            gain: 1.0 - radius,
            first: 2.0 * radius * turn.cos(),
            second: -radius * radius,
            before: [0.0; 2],
        }
    }

    fn pass(&mut self, value: f32) -> f32 {
        let [one, two] = self.before;
        let out = self.gain * value + self.first * one + self.second * two;
        self.before = [out, one];
        out
    }
}

fn to_wave(samples: &[f32]) -> Vec<u8> {
    let loudest = samples.iter().fold(0.01_f32, |most, sample| most.max(sample.abs()));
    let mut data = Vec::with_capacity(samples.len() * 2);
    for sample in samples {
        #[expect(clippy::cast_possible_truncation, reason = "within ±22,000 by the loudest of them")]
        let level = (sample / loudest * 22_000.0) as i16;
        data.extend_from_slice(&level.to_le_bytes());
    }
    let length = u32::try_from(data.len()).unwrap_or_default();
    let mut file = b"RIFF".to_vec();
    file.extend_from_slice(&length.saturating_add(36).to_le_bytes());
    // PCM, one channel, 24,000 samples and 48,000 bytes a second, 2 bytes a sample.
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&24_000_u32.to_le_bytes());
    file.extend_from_slice(&48_000_u32.to_le_bytes());
    file.extend_from_slice(b"\x02\0\x10\0data");
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(&data);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_is_heard_and_lasts_as_long_as_its_words() {
        let spoken = speak("你好，世界。", "alloy", 1.0);
        assert_eq!(spoken, speak("你好，世界。", "alloy", 1.0));
        let samples: Vec<i16> =
            spoken[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        // Four syllables, a comma, a full stop, the end.
        let seconds = samples.len() as f32 / RATE;
        assert!((1.4..1.6).contains(&seconds), "{seconds}");
        assert!(samples.iter().any(|sample| sample.abs() > 20_000));
        assert!(speak("你好，世界。", "alloy", 2.0).len() < spoken.len());
        assert_ne!(speak("你好", "alloy", 1.0), speak("你好", "echo", 1.0));
        assert!(speak(&"好".repeat(2_000), "", 0.25).len() <= 44 + 2 * (SAMPLES_MAX + 10 * 24_000));
    }
}
