"""What pages are made of: template tags, form fields and the crispy pack ``govuk``.

Look at ``templates/gallery.html`` for every component with its call; the accessibility tests crawl that page.

=================  ===============================================================================
``formats``        dates, days, money and counts as words; also the template filters of those names
``tables``         sort order from the URL and keyset pages for the ``{% table %}`` component
``filters``        what a filter form is set to, as chips that can each be taken off
``fields``         form fields: date in three boxes, clock time, money, quarter days, prose, pickers
``forms``          ``PortalForm`` and ``PortalModelForm``: messages that say what to enter
``layout``         crispy layout objects: groups of fields, radios that reveal fields
``diffs``          removed and added words between two texts
``brand``          an authority's two colours, their contrast, and the style sheet that sets them
=================  ===============================================================================
"""
