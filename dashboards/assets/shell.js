// The page shell's own script: tells Streamlit where its server is, and keeps the document's language and
// the language cookie in step with the choice made on the page (a marker element carries it).
(() => {
  "use strict";
  window.prerenderReady = false;
  // Without this a deep link first asks /<page>/_stcore/health, which is never there.
  window.__streamlit = { BACKEND_BASE_URL: window.location.origin + "/", MAIN_PAGE_BASE_URL: window.location.origin + "/" };

  const tags = { en: "en-GB", zh: "zh-CN" };
  const follow = () => {
    const marker = document.querySelector('[class*="st-key-oms_language_"]');
    const found = marker && /st-key-oms_language_(\w+)/.exec(marker.className);
    const language = found && found[1];
    if (!language || !tags[language] || document.documentElement.lang === tags[language]) return;
    document.documentElement.lang = tags[language];
    document.cookie = `oms_lang=${language}; path=/; max-age=31536000; samesite=lax`;
  };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(follow).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
  });
})();
