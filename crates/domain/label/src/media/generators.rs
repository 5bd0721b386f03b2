//! Names of generators, as they stand in the fields where programs write themselves.

/// Names that mean a generator of pictures, sound or video wherever they stand as words. In lower case.
///
/// From files and documentation of the makers and from obligations 4.6. A name that is also an everyday word or a
/// program for other work (Flux, Suno, Luma, Canva) comes with what makes it plain.
const NAMES: [&str; 71] = [
    "adobe firefly",
    "ai-generated",
    "automatic1111",
    "bing image creator",
    "black forest labs",
    "chatgpt",
    "cogvideo",
    "cogview",
    "comfyui",
    "copilot designer",
    "dall-e",
    "dall·e",
    "diffusionbee",
    "doubao",
    "draw things",
    "dream machine",
    "dreamina",
    "dreamstudio",
    "easydiffusion",
    "elevenlabs",
    "ernie-vilg",
    "firefly image",
    "flux.1",
    "flux.2",
    "fooocus",
    "google ai",
    "gpt-4o",
    "gpt-image",
    "grok",
    "hailuo",
    "hunyuan",
    "hunyuanimage",
    "hunyuanvideo",
    "ideogram",
    "ideogram.ai",
    "imagined with ai",
    "invokeai",
    "jimeng",
    "kling",
    "klingai",
    "leonardo.ai",
    "magic media",
    "meta ai",
    "midjourney",
    "minimax",
    "musicgen",
    "nano banana",
    "niji·journey",
    "nijijourney",
    "novelai",
    "openai",
    "picwish",
    "qwen-image",
    "recraft",
    "runwayml",
    "seedance",
    "seedream",
    "stability.ai",
    "stable diffusion",
    "stable-diffusion",
    "suno.ai",
    "suno.com",
    "tongyi wanxiang",
    "udio.com",
    "vidu",
    "wan2.1",
    "wan2.2",
    "wanx",
    "zhipu",
    "swarmui",
    "sdxl",
];

/// Names in Chinese, which need no border.
const HAN_NAMES: [&str; 10] =
    ["豆包", "即梦", "可灵", "海螺AI", "混元", "通义万相", "文心一格", "智谱", "清影", "美图设计室"];

/// The first generator that `text` names; none where it names other programs.
pub(super) fn named(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let word = |name: &&&'static str| {
        lower.match_indices(**name).any(|(at, _)| {
            let is_border = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
            is_border(lower.get(..at).and_then(|before| before.chars().next_back()))
                && is_border(
                    lower.get(at.saturating_add(name.len())..).and_then(|after| after.chars().next()),
                )
        })
    };
    NAMES.iter().find(word).or_else(|| HAN_NAMES.iter().find(|name| text.contains(**name))).copied()
}

/// The settings of Stable Diffusion as its interfaces write them into a picture.
pub(super) fn are_settings(text: &str) -> bool {
    text.contains("Steps: ") && (text.contains("Sampler: ") || text.contains("CFG scale: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_are_told_from_other_programs() {
        for text in ["Midjourney v6", "Adobe Firefly", "ComfyUI", "Made with Google AI", "DALL·E 3", "豆包"]
        {
            assert!(named(text).is_some(), "{text}");
        }
        for text in ["Adobe Photoshop 26.0", "GIMP 2.10", "Lavf60.3.100", "grokking", "individual", "Canva"] {
            assert_eq!(named(text), None, "{text}");
        }
        for name in NAMES {
            assert_eq!(name, name.to_lowercase());
        }
        assert!(are_settings("a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7"));
        assert!(!are_settings("Steps: 20 to the door"));
    }
}
