//! Which classes each byte of a text is in: for each class a bit for each of 64 bytes, with AVX-512, AVX2 or without.
//!
//! The signs of disguises are told from these bits alone, 64 places in a few steps. Bytes beyond ASCII are in no class
//! but [`Class::Foreign`].

/// A set of bytes that some sign is told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Class {
    /// ASCII letters.
    Letter,
    /// ASCII digits.
    Digit,
    /// `a` to `f`.
    HexLower,
    /// `A` to `F`.
    HexUpper,
    Underscore,
    Dash,
    /// `+` and `/`, the last two digits of base64.
    PlusSlash,
    /// `@$!|`: signs that are drawn like letters.
    Sign,
    Quote,
    /// What may stand between two strings of a program, but for the comma.
    Between,
    Comma,
    /// What may stand between the letters of a word that is spelled out.
    Separator,
    /// Marks of Markdown that names do not have.
    Emphasis,
    Newline,
    /// White space within a line, and the carriage return.
    Blank,
    /// What lines of comments, quotes and lists begin with.
    LineMark,
    Backslash,
    Percent,
    Ampersand,
    Equals,
    Less,
    /// What a tag begins with after `<`, when not with a letter.
    TagStart,
    /// What follows the backslash of an escape of a programming language.
    CodeEscape,
    /// What follows the backslash of an escape of JSON.
    JsonEscape,
    /// `x` and `X`.
    LetterX,
    /// The zero byte, which UTF-16 is full of.
    Zero,
    /// Control bytes of the headers of compressed streams.
    Control,
    /// `^`, which follows the `x` of a header of zlib.
    Caret,
    /// Digits of the base 85 alphabets.
    Digit85,
    /// What may stand between the numbers of a list.
    ListGap,
    /// `]` and `(`, which stand between the text of a link and its target.
    LinkEdge,
    /// Bytes beyond ASCII.
    Foreign,
}

/// How many classes there are: whole groups of eight, which fit one look-up each.
const CLASSES: usize = Class::Foreign as usize + 1;
/// How many classes of ASCII bytes.
const OF_ASCII: usize = Class::Foreign as usize;
/// How many bytes are looked at in one step.
pub(crate) const BLOCK: usize = 64;
/// A byte of no class, which the last block of a text is filled up with.
const FILLER: u8 = 0x7F;

/// The bits of 64 bytes, the lowest for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Masks([u64; CLASSES]);

impl Masks {
    /// The bytes of a class.
    #[expect(clippy::indexing_slicing, reason = "there is a mask for each class")]
    pub(crate) const fn of(&self, class: Class) -> u64 {
        self.0[class as usize]
    }
}

/// The members of the ASCII classes, in their order.
const MEMBERS: [&[u8]; OF_ASCII] = [
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    b"0123456789",
    b"abcdef",
    b"ABCDEF",
    b"_",
    b"-",
    b"+/",
    b"@$!|",
    b"\"'`",
    b" \t\n\r+.&|~<>\\",
    b",",
    b" .-_*|/~\t\n",
    b"*`~",
    b"\n",
    b" \t\r",
    b">#;%|/*-+!:'",
    b"\\",
    b"%",
    b"&",
    b"=",
    b"<",
    b"/!?",
    b"xUu0123",
    b"un\"\\tr",
    b"xX",
    b"\x00",
    b"\x01\x1F",
    b"^",
    b"!#$%&()*+-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~",
    b" ,:-;\n\r\t",
    b"](",
];

/// For each ASCII byte the classes that it is in, a bit for each.
#[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
static CLASSES_OF: [u32; 128] = {
    let mut table = [0; 128];
    let mut class = 0;
    while class < MEMBERS.len() {
        let mut at = 0;
        while at < MEMBERS[class].len() {
            assert!(MEMBERS[class][at] != FILLER, "what fills up is in no class");
            table[MEMBERS[class][at] as usize] |= 1 << class;
            at += 1;
        }
        class += 1;
    }
    table
};

/// Tells `each` the classes of every 64 bytes of a text, one block after the other; the last is filled up.
#[inline]
pub(crate) fn each_block(text: &[u8], each: impl FnMut(&Masks)) {
    #[cfg(target_arch = "x86_64")]
    {
        if super::has_avx512() {
            #[expect(unsafe_code, reason = "the processor has AVX-512, as was just asked")]
            // SAFETY: the only demands of the function are its target features.
            return unsafe { avx512::each_block(text, each) };
        }
        if super::has_avx2() {
            #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
            // SAFETY: the only demands of the function are its target features.
            return unsafe { avx2::each_block(text, each) };
        }
    }
    each_with(text, portable, each);
}

/// Cuts a text into blocks, so that the loop is compiled with the instructions of its caller.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the caller's target features are what makes it fast")]
fn each_with(text: &[u8], of_block: impl Fn(&[u8; BLOCK], &mut Masks), mut each: impl FnMut(&Masks)) {
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut masks = Masks::default();
    for block in blocks {
        of_block(block, &mut masks);
        each(&masks);
    }
    if !rest.is_empty() {
        let mut block = [FILLER; BLOCK];
        if let Some(start) = block.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        of_block(&block, &mut masks);
        each(&masks);
    }
}

/// The same a byte at a time.
#[expect(clippy::indexing_slicing, reason = "ASCII bytes, which the table has, and bits of its words")]
fn portable(block: &[u8; BLOCK], Masks(masks): &mut Masks) {
    *masks = [0; CLASSES];
    for (place, &byte) in block.iter().enumerate() {
        let mut classes =
            if byte.is_ascii() { CLASSES_OF[usize::from(byte)] } else { 1 << Class::Foreign as u32 };
        while classes != 0 {
            masks[classes.trailing_zeros() as usize] |= 1 << place;
            classes &= classes - 1;
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_loadu_si512, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask, _mm512_set1_epi8,
        _mm512_test_epi8_mask,
    };

    use super::{BLOCK, CLASSES, CLASSES_OF, Class, Masks, each_with};

    /// Eight classes each: for every ASCII byte the bits of those that it is in.
    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
    static TABLES: [[[u8; 64]; 2]; CLASSES / 8] = {
        let mut tables = [[[0; 64]; 2]; CLASSES / 8];
        let mut byte = 0;
        while byte < 128 {
            let mut table = 0;
            while table < CLASSES / 8 {
                tables[table][byte / 64][byte % 64] = CLASSES_OF[byte].to_le_bytes()[table];
                table += 1;
            }
            byte += 1;
        }
        tables
    };

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi1,bmi2")]
    pub(super) fn each_block(text: &[u8], each: impl FnMut(&Masks)) {
        each_with(text, |block, masks| of_block(block, masks), each);
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn of_block(block: &[u8; BLOCK], Masks(masks): &mut Masks) {
        let bytes = load(block);
        let foreign = _mm512_movepi8_mask(bytes);
        for ([low, high], masks) in TABLES.iter().zip(masks.as_chunks_mut::<8>().0) {
            let classes = _mm512_maskz_permutex2var_epi8(!foreign, load(low), bytes, load(high));
            for (bit, mask) in masks.iter_mut().enumerate() {
                *mask = _mm512_test_epi8_mask(classes, _mm512_set1_epi8(1 << bit));
            }
        }
        if let Some(mask) = masks.get_mut(Class::Foreign as usize) {
            *mask = foreign;
        }
    }

    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "an unaligned load has no safe form")]
    #[expect(clippy::cast_ptr_alignment, reason = "the load is the unaligned one")]
    fn load(block: &[u8; BLOCK]) -> __m512i {
        // SAFETY: the block has the 64 bytes that are loaded.
        unsafe { _mm512_loadu_si512(block.as_ptr().cast::<__m512i>()) }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm256_and_si256, _mm256_broadcastsi128_si256, _mm256_cmpeq_epi8,
        _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_set1_epi8, _mm256_setr_epi8, _mm256_setzero_si256,
        _mm256_shuffle_epi8, _mm256_srli_epi16,
    };

    use super::{BLOCK, CLASSES_OF, Class, Masks, OF_ASCII, each_with};

    /// For each class and low nibble the high nibbles that make a byte of the class with it, a bit for each.
    #[expect(clippy::indexing_slicing, reason = "evaluated at compile time: a bad index would not build")]
    static ROWS: [[u8; 16]; OF_ASCII] = {
        let mut rows = [[0; 16]; OF_ASCII];
        let mut byte = 0;
        while byte < 128 {
            let mut class = 0;
            while class < OF_ASCII {
                if CLASSES_OF[byte] >> class & 1 != 0 {
                    rows[class][byte % 16] |= 1 << (byte / 16);
                }
                class += 1;
            }
            byte += 1;
        }
        rows
    };

    #[target_feature(enable = "avx2,bmi1,bmi2")]
    pub(super) fn each_block(text: &[u8], each: impl FnMut(&Masks)) {
        each_with(text, |block, masks| of_block(block, masks), each);
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn of_block(block: &[u8; BLOCK], Masks(masks): &mut Masks) {
        #[rustfmt::skip]
        let bit_of_row = _mm256_setr_epi8(
            1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0,
            1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0,
        );
        let nibble = _mm256_set1_epi8(15);
        let (Some(a), Some(b)) = (block.first_chunk::<32>(), block.last_chunk::<32>()) else {
            return;
        };
        let halves = [load(a), load(b)];
        let lows = halves.map(|bytes| _mm256_and_si256(bytes, nibble));
        let rows = halves.map(|bytes| {
            _mm256_shuffle_epi8(bit_of_row, _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble))
        });
        for (of_low, mask) in ROWS.iter().zip(masks.iter_mut()) {
            let of_low = broadcast(of_low);
            let [first, second] = [0, 1].map(|half: usize| {
                let (Some(low), Some(row)) = (lows.get(half), rows.get(half)) else { return 0 };
                let inside = _mm256_and_si256(_mm256_shuffle_epi8(of_low, *low), *row);
                let outside = _mm256_cmpeq_epi8(inside, _mm256_setzero_si256());
                u64::from(!_mm256_movemask_epi8(outside).cast_unsigned())
            });
            *mask = first | second << 32;
        }
        let [first, second] = halves.map(|bytes| u64::from(_mm256_movemask_epi8(bytes).cast_unsigned()));
        if let Some(mask) = masks.get_mut(Class::Foreign as usize) {
            *mask = first | second << 32;
        }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "an unaligned load has no safe form")]
    #[expect(clippy::cast_ptr_alignment, reason = "the load is the unaligned one")]
    fn load(half: &[u8; 32]) -> __m256i {
        // SAFETY: the half has the 32 bytes that are loaded.
        unsafe { _mm256_loadu_si256(half.as_ptr().cast::<__m256i>()) }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "an unaligned load has no safe form")]
    fn broadcast(row: &[u8; 16]) -> __m256i {
        // SAFETY: the row has the 16 bytes that are loaded.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(row.as_ptr().cast()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_in_its_classes() {
        for byte in 0..=u8::MAX {
            let mut masks = Masks::default();
            portable(&[byte; BLOCK], &mut masks);
            for (class, members) in MEMBERS.iter().enumerate() {
                assert_eq!(
                    masks.0[class],
                    if members.contains(&byte) { u64::MAX } else { 0 },
                    "{byte:#x} {class}"
                );
            }
            assert_eq!(masks.of(Class::Foreign), if byte.is_ascii() { 0 } else { u64::MAX });
        }
    }

    proptest::proptest! {
        #[test]
        fn every_path_gives_the_same_masks(text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
            let (mut plain, mut fast) = (Vec::new(), Vec::new());
            each_with(&text, portable, |masks| plain.push(*masks));
            each_block(&text, |masks| fast.push(*masks));
            proptest::prop_assert_eq!(&fast, &plain);
            proptest::prop_assert_eq!(plain.len(), text.len().div_ceil(BLOCK));
            #[cfg(target_arch = "x86_64")]
            if crate::vector::has_avx2() {
                fast.clear();
                #[expect(unsafe_code, reason = "the processor has AVX2, as was just asked")]
                // SAFETY: the only demands of the function are its target features.
                unsafe { avx2::each_block(&text, |masks| fast.push(*masks)) };
                proptest::prop_assert_eq!(&fast, &plain);
            }
        }
    }
}
