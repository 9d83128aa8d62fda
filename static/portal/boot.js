// Runs before the page is drawn: says that scripts run, without which no GOV.UK component starts.
document.body.className +=
  " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
