//! The route table: which row of `gateway.toml` a method and path belong to.

use http::Method;
use matchit::Router;

use crate::config::{Gateway, Route};
use crate::rejection::Rejection;

/// The table, made once an isolate.
#[derive(Debug)]
pub struct Table {
    routes: Vec<Route>,
    /// By path: the rows that share it.
    paths: Router<Vec<usize>>,
}

impl Table {
    /// The table of a configuration whose paths were checked at build; one that can't be read is
    /// left out, since nothing may panic here.
    pub fn new(gateway: &Gateway) -> Self {
        let mut by_path: Vec<(&str, Vec<usize>)> = Vec::new();
        for (row, route) in gateway.routes.iter().enumerate() {
            match by_path.iter_mut().find(|(path, _)| *path == route.path) {
                Some((_, rows)) => rows.push(row),
                None => by_path.push((&route.path, vec![row])),
            }
        }
        let mut paths = Router::new();
        for (path, rows) in by_path {
            drop(paths.insert(path, rows));
        }
        Self {
            routes: gateway.routes.clone(),
            paths,
        }
    }

    /// The row of a request. HEAD is GET without the body.
    pub fn find(&self, method: &Method, path: &str) -> Result<&Route, Rejection> {
        let rows = self.paths.at(path).map_err(|_| Rejection::NoRoute)?.value;
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let rows = || rows.iter().filter_map(|row| self.routes.get(*row));
        rows()
            .find(|route| route.methods.iter().any(|name| name == wanted.as_str()))
            .ok_or_else(|| Rejection::MethodNotAllowed {
                allow: allow(rows()),
            })
    }
}

/// The `Allow` field of the rows that share a path.
fn allow<'a>(rows: impl Iterator<Item = &'a Route>) -> String {
    let mut methods: Vec<&str> = rows
        .flat_map(|route| &route.methods)
        .map(String::as_str)
        .collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::shop;

    #[test]
    fn rows_by_method_and_path() {
        let table = Table::new(&shop());
        let allow = |allow: &str| {
            Err(Rejection::MethodNotAllowed {
                allow: allow.to_owned(),
            })
        };
        for (method, path, expected) in [
            (Method::GET, "/products", Ok("products")),
            (Method::HEAD, "/products", Ok("products")),
            (Method::GET, "/products/prd_1", Ok("product")),
            (Method::PATCH, "/products/prd_1", Ok("product-change")),
            (Method::DELETE, "/products/prd_1", Ok("product-change")),
            (Method::POST, "/products", Ok("product-create")),
            (Method::POST, "/products/search", Ok("product-search")),
            (Method::POST, "/orders", Ok("order-create")),
            (Method::GET, "/orders", Ok("orders")),
            (Method::DELETE, "/orders", allow("GET, HEAD, POST")),
            (
                Method::POST,
                "/products/prd_1",
                allow("DELETE, GET, HEAD, PATCH, PUT"),
            ),
            (Method::GET, "/products/search", allow("POST")),
            (Method::GET, "/products/", Err(Rejection::NoRoute)),
            (Method::GET, "/products/a/b", Err(Rejection::NoRoute)),
            (Method::GET, "/", Err(Rejection::NoRoute)),
        ] {
            let found = table.find(&method, path).map(|route| route.name.as_str());
            assert_eq!(found, expected, "{method} {path}");
        }
    }
}
