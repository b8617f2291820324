//! Divides files into blocks and ranges.

use std::ops::Range;

/// The maximum number of blocks of a blob.
const MOST_BLOCKS: u64 = 50_000;

/// The maximum size of a block, in bytes.
const LONGEST_BLOCK: u64 = 4000 << 20;

/// The maximum size of a blob in blocks, in bytes.
pub(crate) const LONGEST: u64 = MOST_BLOCKS * LONGEST_BLOCK;

/// Returns the size of the blocks of a file: the `smallest`, doubled until there are not too many.
pub(super) fn block_size(size: u64, smallest: u64) -> u64 {
    let mut block = smallest.max(1);
    while size.div_ceil(block) > MOST_BLOCKS && block < LONGEST_BLOCK {
        block *= 2;
    }
    block.min(LONGEST_BLOCK)
}

/// Returns the parts of a file with this size, in order; the last one may be shorter.
pub(super) fn parts(size: u64, part: u64) -> impl Iterator<Item = Range<u64>> {
    let part = part.max(1);
    (0..size.div_ceil(part)).map(move |index| index * part..size.min((index + 1).saturating_mul(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_at_most_so_many_blocks() {
        let mebibytes = |count: u64| count << 20;
        for (size, block) in [
            (0, mebibytes(8)),
            (mebibytes(8), mebibytes(8)),
            (mebibytes(400_000), mebibytes(8)),
            (mebibytes(400_000) + 1, mebibytes(16)),
            (mebibytes(50_000 * 2048), mebibytes(2048)),
            (mebibytes(50_000 * 2048) + 1, mebibytes(4000)),
            (LONGEST, mebibytes(4000)),
        ] {
            assert_eq!(block_size(size, 8 << 20), block, "{size}");
            assert!(size.div_ceil(block) <= MOST_BLOCKS, "{size}");
        }
    }

    proptest::proptest! {
        #[test]
        fn parts_follow_each_other(size in 0_u64..5_000, part in 0_u64..600) {
            let mut end = 0;
            for range in parts(size, part) {
                proptest::prop_assert_eq!(range.start, end);
                proptest::prop_assert!(range.start < range.end && range.end - range.start <= part.max(1));
                end = range.end;
            }
            proptest::prop_assert_eq!(end, size);
        }

        #[test]
        fn blocks_of_any_size_are_within_the_limits(size in 0..=LONGEST) {
            let block = block_size(size, 8 << 20);
            proptest::prop_assert!(size.div_ceil(block) <= MOST_BLOCKS && block <= LONGEST_BLOCK);
        }
    }
}
