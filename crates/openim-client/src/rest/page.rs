//! Lists by page. The server counts pages, callers count items; [`span`] turns one into the other without a gap or a repeat.

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

/// The `count` items from `offset` on. A window that does not begin with a page is made of two.
pub async fn span<T, F: Future<Output = Result<Vec<T>>>>(
    offset: u32,
    count: u32,
    fetch: impl Fn(Page) -> F,
) -> Result<Vec<T>> {
    if count == 0 || count > PAGE_ITEMS_MAX {
        let text = format!("count is the number of items wanted, 1 to {PAGE_ITEMS_MAX}");
        return Err(Error::new(Kind::Config, text));
    }
    let (first, skipped) = (offset / count, (offset % count) as usize);
    let page = |page_number| Page { page_number, show_number: count };
    let mut items = fetch(page(first + 1)).await?;
    let is_last = items.len() < count as usize;
    items.drain(..skipped.min(items.len()));
    if skipped > 0 && !is_last {
        items.extend(fetch(page(first + 2)).await?);
    }
    items.truncate(count as usize);
    Ok(items)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    async fn window(of: u32, offset: u32, count: u32) -> Vec<u32> {
        let list: Vec<u32> = (0..of).collect();
        let fetch = |page: Page| {
            let from = (page.page_number - 1) * page.show_number;
            let items = list.iter().skip(from as usize).take(page.show_number as usize).copied().collect();
            std::future::ready(Ok(items))
        };
        span(offset, count, fetch).await.unwrap()
    }

    proptest! {
        #[test]
        fn a_window_is_exactly_the_items_asked_for(of in 0_u32..60, offset in 0_u32..70, count in 1_u32..30) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let expected: Vec<u32> = (0..of).skip(offset as usize).take(count as usize).collect();
            prop_assert_eq!(runtime.block_on(window(of, offset, count)), expected);
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
