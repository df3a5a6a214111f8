//! SHA-256 of two messages at once.
//!
//! The processor's rounds wait for one another, so one message leaves half of the unit idle; lines are many and do not
//! depend on each other. Where the processor has no such instructions, the library hashes one after the other.
//! Source: FIPS 180-4, sections 5.1.1 and 6.2; Intel SHA extensions.

use sha2::{Digest, Sha256};

/// The digests of two messages. They are padded in place.
pub(crate) fn pair(one: &mut Vec<u8>, other: &mut Vec<u8>) -> [[u8; 32]; 2] {
    #[cfg(target_arch = "x86_64")]
    if let Some(digests) = accelerated::pair(one, other) {
        return digests;
    }
    [Sha256::digest(&one).into(), Sha256::digest(&other).into()]
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the processor's SHA instructions, where they are there")]
mod accelerated {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_loadu_si128, _mm_set_epi32,
        _mm_set_epi64x, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
        _mm_shuffle_epi32,
    };

    /// The initial words f, e, b, a.
    const ABEF: [u32; 4] = [0x9b05_688c, 0x510e_527f, 0xbb67_ae85, 0x6a09_e667];
    /// The initial words h, g, d, c.
    const CDGH: [u32; 4] = [0x5be0_cd19, 0x1f83_d9ab, 0xa54f_f53a, 0x3c6e_f372];
    const ROUNDS: [[u32; 4]; 16] = [
        [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
        [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
        [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
        [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
        [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
        [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
        [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
        [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
        [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
        [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
        [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
        [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
        [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
        [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
        [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
        [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
    ];

    /// A message's state in the order that the instructions take: a b e f, and c d g h.
    #[derive(Clone, Copy)]
    struct State(__m128i, __m128i);

    /// The digests, if the processor has the instructions. The messages are padded only then.
    pub(super) fn pair(one: &mut Vec<u8>, other: &mut Vec<u8>) -> Option<[[u8; 32]; 2]> {
        let has = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse4.1");
        if !has {
            return None;
        }
        pad(one);
        pad(other);
        // Safety: the processor has what the function is compiled for.
        Some(unsafe { digests(one.as_chunks().0, other.as_chunks().0) })
    }

    /// FIPS 180-4, section 5.1.1.
    fn pad(message: &mut Vec<u8>) {
        let bits = (message.len() as u64).wrapping_mul(8);
        message.push(0x80);
        message.resize((message.len() + 8).next_multiple_of(64) - 8, 0);
        message.extend_from_slice(&bits.to_be_bytes());
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn digests(one: &[[u8; 64]], other: &[[u8; 64]]) -> [[u8; 32]; 2] {
        let start = State(word4(ABEF), word4(CDGH));
        let mut states = [start; 2];
        for (one, other) in one.iter().zip(other) {
            compress(&mut states, [one, other]);
        }
        let both = one.len().min(other.len());
        let [first, second] = &mut states;
        for (state, rest) in [(first, one.get(both..)), (second, other.get(both..))] {
            for block in rest.unwrap_or_default() {
                let mut alone = [*state];
                compress(&mut alone, [block]);
                [*state] = alone;
            }
        }
        states.map(|state| digest(state))
    }

    /// FIPS 180-4, section 6.2.2, for several messages in step.
    #[inline]
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn compress<const N: usize>(states: &mut [State; N], blocks: [&[u8; 64]; N]) {
        let before = *states;
        let mut words = blocks.map(|block| load(block));
        for (round, constants) in ROUNDS.iter().enumerate() {
            let constants = word4(*constants);
            for (state, words) in states.iter_mut().zip(&mut words) {
                let word = words[0];
                let sum = _mm_add_epi32(word, constants);
                state.1 = _mm_sha256rnds2_epu32(state.1, state.0, sum);
                state.0 = _mm_sha256rnds2_epu32(state.0, state.1, _mm_shuffle_epi32(sum, 0x0E));
                // The last twelve words need no successors; computing them costs nothing that is waited for.
                let [w0, w1, w2, w3] = *words;
                let next = if round < 12 {
                    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
                    _mm_sha256msg2_epu32(sum, w3)
                } else {
                    w0
                };
                *words = [w1, w2, w3, next];
            }
        }
        for (state, before) in states.iter_mut().zip(before) {
            *state = State(_mm_add_epi32(state.0, before.0), _mm_add_epi32(state.1, before.1));
        }
    }

    /// Four words, the first lowest.
    #[inline]
    #[target_feature(enable = "sse2")]
    fn word4(words: [u32; 4]) -> __m128i {
        let [first, second, third, fourth] = words.map(u32::cast_signed);
        _mm_set_epi32(fourth, third, second, first)
    }

    /// The sixteen big-endian words of a block.
    #[inline]
    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn load(block: &[u8; 64]) -> [__m128i; 4] {
        let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        std::array::from_fn(|index| {
            // Safety: of sixty-four bytes, sixteen are read from the first, second, third or fourth sixteen on.
            let quarter = unsafe { _mm_loadu_si128(block.as_ptr().add(16 * index).cast()) };
            _mm_shuffle_epi8(quarter, swap)
        })
    }

    #[target_feature(enable = "sha,ssse3,sse4.1")]
    fn digest(state: State) -> [u8; 32] {
        let (abef, cdgh) = (state.0, state.1);
        let words = [
            _mm_extract_epi32(abef, 3),
            _mm_extract_epi32(abef, 2),
            _mm_extract_epi32(cdgh, 3),
            _mm_extract_epi32(cdgh, 2),
            _mm_extract_epi32(abef, 1),
            _mm_extract_epi32(abef, 0),
            _mm_extract_epi32(cdgh, 1),
            _mm_extract_epi32(cdgh, 0),
        ];
        let mut out = [0; 32];
        for (bytes, word) in out.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.cast_unsigned().to_be_bytes();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_length_round_a_block_agrees_with_the_library() {
        for one in 0..200usize {
            for other in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000] {
                let messages = [vec![0xA5; one], vec![0x5A; other]];
                let expected = messages.clone().map(|message| <[u8; 32]>::from(Sha256::digest(message)));
                let [mut first, mut second] = messages;
                assert_eq!(pair(&mut first, &mut second), expected, "{one} and {other} bytes");
            }
        }
    }

    proptest! {
        #[test]
        fn any_two_messages_agree_with_the_library(one in any::<Vec<u8>>(), other in any::<Vec<u8>>()) {
            let expected: [[u8; 32]; 2] = [Sha256::digest(&one).into(), Sha256::digest(&other).into()];
            prop_assert_eq!(pair(&mut one.clone(), &mut other.clone()), expected);
        }
    }
}
