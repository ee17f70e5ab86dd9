//! Which characters the font has, and how wide they are.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider as _;
use skrifa::instance::{LocationRef, Size};
use std::collections::BTreeSet;

/// A subset: `font/README.md` says of what, and how it was made.
static FONT: &[u8] = include_bytes!("font/BIZUDGothic-Regular.ttf");
/// 〓 (げた): what printers set where a character is missing.
const GETA: char = '〓';

/// The font.
pub(super) struct Letters {
    font: Option<Font>,
}

/// A text that can be drawn.
pub(super) struct Drawn {
    /// What is drawn: 〓 for each character that the font does not have.
    pub text: String,
    /// Its glyphs, in order.
    pub glyphs: Vec<KrillaGlyph>,
}

impl Letters {
    pub fn new() -> Self {
        Self { font: Font::new(FONT.into(), 0) }
    }

    pub fn font(&self) -> Option<&Font> {
        self.font.as_ref()
    }
}

/// The characters of texts that are drawn as another: each as it is shown to readers, `U+2A6D6`.
#[derive(Default)]
pub(super) struct Missing(BTreeSet<char>);

impl Missing {
    /// Their code points, in order.
    pub fn named(&self) -> Vec<String> {
        self.0.iter().map(|c| format!("U+{:04X}", u32::from(*c))).collect()
    }
}

/// Measures and chooses glyphs.
pub(super) struct Setter {
    letters: skrifa::FontRef<'static>,
    units: f32,
    /// What was not drawn as it is.
    pub missing: Missing,
}

impl Setter {
    /// None when the font cannot be read.
    pub fn new() -> Option<Self> {
        let letters = skrifa::FontRef::new(FONT).ok()?;
        let units = f32::from(letters.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Some(Self { letters, units, missing: Missing::default() })
    }

    /// A text in the glyphs of the font. A character that it lacks is drawn as 〓 and noted; one that only chooses between
    /// forms of the letter before it (異体字セレクタ) is left out and noted.
    pub fn set(&mut self, text: &str) -> Drawn {
        let charmap = self.letters.charmap();
        let metrics = self.letters.glyph_metrics(Size::unscaled(), LocationRef::default());
        let mut drawn = Drawn { text: String::new(), glyphs: Vec::new() };
        for c in text.chars() {
            let mut shown = (c, charmap.map(c));
            if shown.1.is_none() {
                self.missing.0.insert(c);
                if is_selector(c) {
                    continue;
                }
                shown = (GETA, charmap.map(GETA));
            }
            let (c, glyph) = (shown.0, shown.1.unwrap_or_default());
            let advance = metrics.advance_width(glyph).unwrap_or(self.units) / self.units;
            let from = drawn.text.len();
            drawn.text.push(c);
            let range = from..drawn.text.len();
            drawn.glyphs.push(KrillaGlyph::new(GlyphId::new(glyph.to_u32()), advance, 0.0, 0.0, 0.0, range, None));
        }
        drawn
    }

    /// How wide a text is at a size of one.
    pub fn width(&mut self, text: &str) -> f32 {
        self.set(text).glyphs.iter().map(|glyph| glyph.x_advance).sum()
    }
}

/// Variation selectors, those of 異体字 among them.
const fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}
