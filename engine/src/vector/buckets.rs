//! Four bytes in a row, told by which of 32 buckets each of them is in: a place is passed over where no bucket has all
//! four. With AVX-512, 64 places in some forty instructions.
//!
//! Bytes are told apart by 64 codes: letters without their case, bytes beyond ASCII by their low bits. Grams whose bytes
//! are alike share a bucket, so that few others fit it. There is no twin on other processors, which look all places up
//! in [`super::marks`]'s table instead.

/// How many groups of eight buckets.
const GROUPS: usize = 4;

/// For each of the four bytes, each group and each code, the buckets that take it, a bit for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Buckets([[[u8; 64]; GROUPS]; 4]);

/// How many of ten thousand bytes of agent traffic have each code, one at the least; counted in the files that
/// `grams.bin` was counted in and 95 MB more.
#[rustfmt::skip]
const COMMON: [u16; 64] = [
    1229, 73, 489, 26, 29, 28, 29, 22, 56, 53, 91, 21, 162, 85, 78, 44,
    256, 155, 143, 133, 108, 105, 98, 89, 95, 90, 195, 24, 21, 35, 18, 18,
    27, 648, 333, 204, 176, 434, 124, 70, 105, 195, 306, 41, 147, 104, 218, 192,
    134, 44, 223, 220, 287, 129, 66, 51, 61, 74, 31, 67, 126, 66, 14, 984,
];

/// The code of a byte.
const fn code(byte: u8) -> u8 {
    (byte & 0x40) >> 1 | byte & 0x1F
}

/// A bucket in the making.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    /// Which codes it takes for each byte.
    codes: [u64; 4],
    /// How common these are together.
    common: [u32; 4],
}

impl Bucket {
    /// The bucket with a gram more.
    fn with(mut self, gram: [u8; 4]) -> Self {
        for ((codes, common), code) in self.codes.iter_mut().zip(&mut self.common).zip(gram) {
            if *codes >> code & 1 == 0 {
                *codes |= 1 << code;
                *common += u32::from(COMMON.get(usize::from(code)).copied().unwrap_or(1));
            }
        }
        self
    }

    /// How often text fits it by chance.
    fn cost(&self) -> u64 {
        self.common.iter().map(|common| u64::from(*common)).product()
    }
}

impl Buckets {
    /// The buckets of folded grams, where the processor has use for them: to sort grams takes long.
    pub(crate) fn of_use(grams: impl Iterator<Item = u32>) -> Option<Box<Self>> {
        super::has_avx512().then(|| Box::new(Self::new(grams)))
    }

    /// Sorts folded grams into buckets, each into the one that it makes the least of a catch-all.
    pub(crate) fn new(grams: impl Iterator<Item = u32>) -> Self {
        let mut grams: Vec<[u8; 4]> = grams.map(|gram| gram.to_le_bytes().map(code)).collect();
        grams.sort_unstable();
        grams.dedup();
        let mut buckets = [Bucket::default(); 8 * GROUPS];
        for gram in grams {
            let dearer = |bucket: &Bucket| bucket.with(gram).cost() - bucket.cost();
            if let Some(bucket) = buckets.iter_mut().min_by_key(|bucket| dearer(bucket)) {
                *bucket = bucket.with(gram);
            }
        }
        let mut tables = [[[0; 64]; GROUPS]; 4];
        for (group, members) in buckets.as_chunks::<8>().0.iter().enumerate() {
            for (place, table) in tables.iter_mut().enumerate() {
                let Some(table) = table.get_mut(group) else { continue };
                for (code, taken) in table.iter_mut().enumerate() {
                    *taken = members.iter().enumerate().fold(0, |taken, (bit, bucket)| {
                        let codes = bucket.codes.get(place).copied().unwrap_or(0);
                        taken | u8::from(codes >> code & 1 != 0) << bit
                    });
                }
            }
        }
        Self(tables)
    }
}

/// A block of 64 places needs three bytes more.
#[cfg(target_arch = "x86_64")]
const BYTES: usize = 64 + 3;

/// Tells `each` the start of a block and which of its 64 places fit some bucket; says whether the processor has the
/// instructions for it. Places of which fewer than four bytes are left may be told as well.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn each_block(buckets: &Buckets, text: &[u8], each: impl FnMut(usize, u64)) -> bool {
    let there = super::has_avx512();
    #[expect(unsafe_code, reason = "the processor has AVX-512, as was just asked")]
    // SAFETY: the only demands of the function are its target features.
    there.then(|| unsafe { avx512::each_block(buckets, text, each) }).is_some()
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_and_si512, _mm512_loadu_si512, _mm512_or_si512, _mm512_permutexvar_epi8,
        _mm512_set1_epi8, _mm512_setzero_si512, _mm512_srli_epi16, _mm512_test_epi8_mask,
    };

    use super::{BYTES, Buckets};

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,bmi1,bmi2")]
    pub(super) fn each_block(Buckets(tables): &Buckets, text: &[u8], mut each: impl FnMut(usize, u64)) {
        let tables = tables.each_ref().map(|groups| groups.each_ref().map(|table| load(table)));
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BYTES>()) {
            each(at, fits(&tables, block));
            at += 64;
        }
        let rest = text.get(at..).unwrap_or_default();
        let mut block = [0; BYTES];
        if let Some(start) = block.get_mut(..rest.len()).filter(|start| !start.is_empty()) {
            start.copy_from_slice(rest);
            each(at, fits(&tables, &block));
        }
    }

    /// Which of the first 64 places of a block fit some bucket.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn fits(tables: &[[__m512i; super::GROUPS]; 4], block: &[u8; BYTES]) -> u64 {
        let mut fits = [_mm512_setzero_si512(); super::GROUPS];
        for (place, groups) in tables.iter().enumerate() {
            let Some(bytes) = block.get(place..).and_then(|rest| rest.first_chunk::<64>()) else { break };
            let codes = codes(load(bytes));
            for (fits, table) in fits.iter_mut().zip(groups) {
                let taken = _mm512_permutexvar_epi8(codes, *table);
                *fits = if place == 0 { taken } else { _mm512_and_si512(*fits, taken) };
            }
        }
        let [a, b, c, d] = fits;
        let any = _mm512_or_si512(_mm512_or_si512(a, b), _mm512_or_si512(c, d));
        _mm512_test_epi8_mask(any, any)
    }

    /// The codes of 64 bytes; what stands above their six bits is passed over where a table is read.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn codes(bytes: __m512i) -> __m512i {
        let case = _mm512_and_si512(_mm512_srli_epi16::<1>(bytes), _mm512_set1_epi8(0x20));
        _mm512_or_si512(_mm512_and_si512(bytes, _mm512_set1_epi8(0x1F)), case)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "an unaligned load has no safe form")]
    #[expect(clippy::cast_ptr_alignment, reason = "the load is the unaligned one")]
    fn load(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: there are the 64 bytes that are loaded.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast::<__m512i>()) }
    }
}
