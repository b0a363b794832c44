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

    /// What stands at a path.
    pub fn at(&self, path: &str) -> Result<Place<'_>, Rejection> {
        let rows = self.paths.at(path).map_err(|_| Rejection::NoRoute)?.value;
        let rows = rows.iter().filter_map(|row| self.routes.get(*row));
        Ok(Place(rows.collect()))
    }

    /// The row of this name.
    pub fn named(&self, name: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.name == name)
    }
}

/// The rows that share a path.
#[derive(Debug)]
pub struct Place<'a>(Vec<&'a Route>);

impl<'a> Place<'a> {
    /// The row of a method. HEAD is GET without the body.
    pub fn take(&self, method: &Method) -> Result<&'a Route, Rejection> {
        self.row(method).ok_or_else(|| Rejection::MethodNotAllowed {
            allow: self.allow(),
        })
    }

    /// The row of a method, else the first one: what holds for the path.
    pub fn nearest(&self, method: &Method) -> Option<&'a Route> {
        self.row(method).or_else(|| self.0.first().copied())
    }

    /// The `Allow` field.
    pub fn allow(&self) -> String {
        let mut methods: Vec<&str> = self
            .0
            .iter()
            .flat_map(|route| &route.methods)
            .map(String::as_str)
            .collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        methods.dedup();
        methods.join(", ")
    }

    fn row(&self, method: &Method) -> Option<&'a Route> {
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let takes = |route: &Route| {
            let mut names = route.methods.iter();
            names.any(|name| name == wanted.as_str() || name == "*")
        };
        self.0.iter().copied().find(|route| takes(route))
    }
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
            (Method::DELETE, "/orders", allow("GET, HEAD, OPTIONS, POST")),
            (
                Method::POST,
                "/products/prd_1",
                allow("DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
            ),
            (Method::GET, "/products/search", allow("OPTIONS, POST")),
            (Method::GET, "/products/", Err(Rejection::NoRoute)),
            (Method::GET, "/products/a/b", Err(Rejection::NoRoute)),
            (Method::GET, "/", Err(Rejection::NoRoute)),
        ] {
            let found = table
                .at(path)
                .and_then(|place| place.take(&method))
                .map(|route| route.name.as_str());
            assert_eq!(found, expected, "{method} {path}");
        }
    }
}
