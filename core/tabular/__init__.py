"""Tables in and out of the portal: reading files that others made, importing them, writing files for others.

``columns``  one column specification: checks, messages, template file, documentation
``reading``  files (Word documents too) opened in a process of their own (``child``), within limits
``imports``  the life of an import: plan, preview, commit; the registry ``IMPORTS``
``models``   ``ImportBatch``, one row an import
``services`` what views, commands and jobs call
``bulk``     many rows in or changed in one statement
``writing``  CSV and XLSX that run nothing when opened
"""
