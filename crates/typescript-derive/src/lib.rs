//! `#[derive(TypeScript)]`: says how TypeScript sees a struct or an enum that serde writes or reads.
//!
//! The names come from serde's own attributes (`rename_all = "camelCase"`, `rename`, `flatten`, `skip`), the sentences from
//! the doc comments. What serde cannot know stands in `#[ts(...)]`:
//!
//! - on a struct, `name = "GroupItem"`: its name in TypeScript, where it differs from the one in Rust;
//! - on a struct, `inline`: it has no name of its own and is written out where it is used;
//! - on a struct, `input`: JavaScript passes it, so a member that is an `Option` or has a serde default may be left out;
//! - on a field, `type = "..."`: its type, where the Rust type does not tell it;
//! - on a field, `optional`: it may be left out;
//! - on a field of an `input`, `required`: it may not be left out, although it has a serde default.

mod attributes;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result, Type, parse_macro_input};

use self::attributes::{Attributes, camel_case};

/// Implements `base::TypeScript` for a struct with named fields or an enum without data.
#[proc_macro_derive(TypeScript, attributes(ts, serde))]
pub fn type_script(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    implementation(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn implementation(input: &DeriveInput) -> Result<Tokens> {
    let outer = Attributes::read(&input.attrs)?;
    let body = match &input.data {
        Data::Struct(data) => of_struct(input, &outer, &data.fields)?,
        Data::Enum(data) => {
            let mut words = Vec::new();
            for variant in &data.variants {
                let attributes = Attributes::read(&variant.attrs)?;
                let name = variant.ident.to_string();
                let own = if outer.camel_case { name[..1].to_lowercase() + &name[1..] } else { name.to_lowercase() };
                words.push(format!("'{}'", attributes.rename.unwrap_or(own)));
            }
            let union = words.join(" | ");
            quote! { fn expression() -> String { #union.to_owned() } }
        }
        Data::Union(_) => return Err(Error::new_spanned(&input.ident, "a union has no TypeScript type")),
    };
    let (name, (generics, types, bounds)) = (&input.ident, input.generics.split_for_impl());
    Ok(quote! {
        impl #generics ::base::TypeScript for #name #types #bounds { #body }
    })
}

fn of_struct(input: &DeriveInput, outer: &Attributes, fields: &Fields) -> Result<Tokens> {
    let Fields::Named(fields) = fields else {
        return Err(Error::new_spanned(&input.ident, "only structs with named fields have a TypeScript type"));
    };
    let (mut members, mut collected) = (Vec::new(), Vec::new());
    for field in &fields.named {
        let own = Attributes::read(&field.attrs)?;
        let (Some(ident), kind) = (&field.ident, &field.ty) else { continue };
        if own.skip {
            continue;
        }
        if own.flatten {
            members.push(quote! { members.extend(<#kind as ::base::TypeScript>::members()); });
            continue;
        }
        let ident = ident.to_string();
        let ident = ident.trim_start_matches("r#");
        let renamed = if outer.camel_case { camel_case(ident) } else { ident.to_owned() };
        let (name, docs) = (own.rename.unwrap_or(renamed), own.docs);
        let has_default = own.default || outer.default || is_option(kind);
        let optional = own.optional || outer.input && has_default && !own.required;
        let written = match (&own.kind, optional) {
            (Some(text), _) => quote! { #text.to_owned() },
            (None, true) => quote! { <#kind as ::base::TypeScript>::present() },
            (None, false) => quote! { <#kind as ::base::TypeScript>::expression() },
        };
        if own.kind.is_none() {
            collected.push(quote! { <#kind as ::base::TypeScript>::collect(interfaces); });
        }
        members.push(quote! {
            members.push(::base::typescript::Member { name: #name, docs: #docs, kind: #written, optional: #optional });
        });
    }
    let (name, docs) = (outer.name.clone().unwrap_or_else(|| input.ident.to_string()), &outer.docs);
    let (expression, declare) = if outer.inline {
        (quote! { ::base::typescript::inline(&Self::members()) }, Tokens::new())
    } else {
        let declare = quote! {
            if !interfaces.enter::<Self>(#name, #docs) { return; }
        };
        (quote! { #name.to_owned() }, declare)
    };
    Ok(quote! {
        fn expression() -> String { #expression }

        fn members() -> Vec<::base::typescript::Member> {
            let mut members = Vec::new();
            #(#members)*
            members
        }

        fn collect(interfaces: &mut ::base::typescript::Interfaces) {
            #declare
            #(#collected)*
        }
    })
}

fn is_option(kind: &Type) -> bool {
    matches!(kind, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
}
