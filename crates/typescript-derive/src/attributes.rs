//! Reads the attributes of a struct, enum, field or variant: serde's, `#[ts(...)]` and the doc comments.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Result, Token};

#[derive(Default)]
pub(crate) struct Attributes {
    /// The doc comment, its lines without the space in front.
    pub(crate) docs: String,
    pub(crate) camel_case: bool,
    pub(crate) rename: Option<String>,
    pub(crate) default: bool,
    pub(crate) flatten: bool,
    pub(crate) skip: bool,
    pub(crate) name: Option<String>,
    pub(crate) inline: bool,
    pub(crate) input: bool,
    pub(crate) optional: bool,
    pub(crate) required: bool,
    pub(crate) kind: Option<String>,
}

impl Attributes {
    pub(crate) fn read(attributes: &[Attribute]) -> Result<Self> {
        let mut read = Self::default();
        let mut docs = Vec::new();
        for attribute in attributes {
            match &attribute.meta {
                Meta::NameValue(pair) if pair.path.is_ident("doc") => {
                    if let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value {
                        docs.push(text.value().trim().to_owned());
                    }
                }
                Meta::List(list) if list.path.is_ident("serde") => {
                    attribute.parse_nested_meta(|meta| read.serde(&meta))?;
                }
                Meta::List(list) if list.path.is_ident("ts") => attribute.parse_nested_meta(|meta| read.ts(&meta))?,
                _ => {}
            }
        }
        read.docs = docs.join("\n");
        Ok(read)
    }

    fn serde(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let named = |name: &str| meta.path.is_ident(name);
        if named("rename_all") {
            self.camel_case = text(meta)? == "camelCase";
        } else if named("rename") {
            self.rename = Some(text(meta)?);
        } else if named("default") {
            self.default = true;
            passed_over(meta)?;
        } else if named("flatten") {
            self.flatten = true;
        } else if named("skip") {
            self.skip = true;
        } else {
            passed_over(meta)?;
        }
        Ok(())
    }

    fn ts(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let named = |name: &str| meta.path.is_ident(name);
        if named("type") {
            self.kind = Some(text(meta)?);
        } else if named("name") {
            self.name = Some(text(meta)?);
        } else if named("inline") {
            self.inline = true;
        } else if named("input") {
            self.input = true;
        } else if named("optional") {
            self.optional = true;
        } else if named("required") {
            self.required = true;
        } else {
            return Err(meta.error("`ts` knows name, inline, input, type, optional and required"));
        }
        Ok(())
    }
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<String> {
    meta.value()?.parse::<LitStr>().map(|text| text.value())
}

/// Reads past the value of an attribute that says nothing about types.
fn passed_over(meta: &ParseNestedMeta<'_>) -> Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<proc_macro2::TokenStream>()?;
    }
    Ok(())
}

/// `user_id_list` as `userIdList`, as serde does it.
pub(crate) fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut whole, part| {
        let mut letters = part.chars();
        if let Some(letter) = letters.next() {
            whole.extend(letter.to_uppercase());
            whole.push_str(letters.as_str());
        }
        whole
    })
}
