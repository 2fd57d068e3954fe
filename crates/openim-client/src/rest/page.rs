//! Lists by page. The server counts pages and callers count items; [`span`] converts without a gap or a repeat.

use base::{Error, Kind, Result};
use serde::Serialize;

use crate::limits::PAGE_ITEMS_MAX;

/// What the server takes: pages from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    pub page_number: u32,
    pub show_number: u32,
}

/// One page of a list, and how long the whole list is.
pub struct Paged<T> {
    pub items: Vec<T>,
    pub total: u64,
}

/// The `count` items from `offset` on. The server may return the items of a page in any order, so a part of a page is of no
/// use: the items are fetched in whole pages of different sizes. There is one where `count` divides `offset`.
pub async fn span<T, F: Future<Output = Result<Vec<T>>>>(
    offset: u32,
    count: u32,
    fetch: impl Fn(Page) -> F,
) -> Result<Vec<T>> {
    if count == 0 || count > PAGE_ITEMS_MAX {
        let text = format!("count is the number of items wanted, 1 to {PAGE_ITEMS_MAX}");
        return Err(Error::new(Kind::Config, text));
    }
    let end = offset.saturating_add(count);
    let mut next = offset;
    let mut items = Vec::new();
    while next < end {
        let size = largest_page_at(next, end - next);
        let mut page = fetch(Page { page_number: next / size + 1, show_number: size }).await?;
        let is_last = page.len() < size as usize;
        page.truncate(size as usize);
        items.append(&mut page);
        if is_last {
            break;
        }
        next += size;
    }
    Ok(items)
}

/// The largest size of pages of which one begins at `offset`, up to `max`.
fn largest_page_at(offset: u32, max: u32) -> u32 {
    (1..=max).rev().find(|size| offset.is_multiple_of(*size)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    /// The window, and how many pages it took. Every page comes in another order.
    async fn window(of: u32, offset: u32, count: u32) -> (Vec<u32>, usize) {
        let list: Vec<u32> = (0..of).collect();
        let pages = Cell::new(0);
        let fetch = |page: Page| {
            let from = (page.page_number - 1) * page.show_number;
            let mut items: Vec<_> = list.iter().skip(from as usize).take(page.show_number as usize).copied().collect();
            pages.set(pages.get() + 1);
            let turn = pages.get() % items.len().max(1);
            items.rotate_left(turn);
            std::future::ready(Ok(items))
        };
        let mut items = span(offset, count, fetch).await.unwrap();
        items.sort_unstable();
        (items, pages.get())
    }

    proptest! {
        #[test]
        fn a_window_is_exactly_the_items_asked_for(of in 0_u32..60, offset in 0_u32..70, count in 1_u32..30) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let expected: Vec<u32> = (0..of).skip(offset as usize).take(count as usize).collect();
            prop_assert_eq!(runtime.block_on(window(of, offset, count)).0, expected);
        }
    }

    #[tokio::test]
    async fn a_part_that_begins_with_a_page_is_one_request() {
        for (offset, count) in [(0, 7), (14, 7), (2_000, 1_000)] {
            assert_eq!(window(5_000, offset, count).await.1, 1, "{offset} {count}");
        }
    }

    #[tokio::test]
    async fn any_part_takes_a_handful_of_requests() {
        for offset in (0..3_000).chain([1_000_003, u32::MAX - 10]) {
            for count in [1, 7, 50, 999, 1_000] {
                let pages = window(5_000, offset, count).await.1;
                assert!(pages <= 13, "{pages} for {offset} {count}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_or_too_much_at_once_is_refused_before_a_request() {
        for count in [0, PAGE_ITEMS_MAX + 1] {
            let fetch = |_| -> std::future::Ready<Result<Vec<()>>> { panic!("nothing is asked") };
            let error = span(0, count, fetch).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
        }
    }
}
