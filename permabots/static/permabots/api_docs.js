// The page of the API's documentation. Its Content-Security-Policy allows no script that stands in the page.
"use strict";

(() => {
  const page = document.getElementById("swagger-ui").dataset;

  window.ui = SwaggerUIBundle({
    url: page.schema,
    dom_id: "#swagger-ui",
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    // Else the page would tell a server on the internet where the schema is, and show what that server answers.
    validatorUrl: null,
    requestInterceptor: (request) => {
      if (!["GET", undefined].includes(request.method) && request.credentials === "same-origin") {
        request.headers[page.csrfHeader] = page.csrfToken;
      }
      return request;
    },
  });
})();
