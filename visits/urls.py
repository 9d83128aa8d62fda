"""Addresses of visits, notes, reviews and records."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import editor, review

app_name = "visits"

urlpatterns: list[URLPattern] = [
    # writing
    path("visits/<pid:visit>/note/", editor.NoteStartView.as_view(), name="note-start"),
    path("notes/<pid:note>/write/", editor.NoteWriteView.as_view(), name="note-write"),
    path("notes/<pid:note>/write/<str:key>/", editor.NoteEditView.as_view(), name="note-edit"),
    path("notes/<pid:note>/write/<str:key>/save/", editor.NoteSectionSaveView.as_view(), name="note-section-save"),
    path("notes/<pid:note>/paste/", editor.NotePasteView.as_view(), name="note-paste"),
    path("notes/<pid:note>/check/", editor.NoteCheckView.as_view(), name="note-check"),
    path("notes/<pid:note>/submit/", editor.NoteSubmitView.as_view(), name="note-submit"),
    path("notes/<pid:note>/preview/", editor.NotePreviewView.as_view(), name="note-preview"),
    path("notes/<pid:note>/share/", editor.NoteShareView.as_view(), name="note-share"),
    path("notes/<pid:note>/take-back/", editor.NoteTakeBackView.as_view(), name="note-take-back"),
    path("notes/<pid:note>/reopen/", editor.NoteReopenView.as_view(), name="note-reopen"),
    path("notes/<pid:note>/hand-on/", editor.NoteHandOnView.as_view(), name="note-hand-on"),
    path("notes/<pid:note>/abandon/", editor.NoteAbandonView.as_view(), name="note-abandon"),
    path("notes/<pid:note>/restore/", editor.NoteRestoreView.as_view(), name="note-restore"),
    # the gate
    path("reviews/", review.ReviewListView.as_view(), name="review-list"),
    path("reviews/<pid:review>/", review.ReviewDetailView.as_view(), name="review-detail"),
    path("reviews/<pid:review>/return/", review.ReviewReturnView.as_view(), name="review-return"),
    path("reviews/<pid:review>/approve/", review.ReviewApproveView.as_view(), name="review-approve"),
    path("reviews/<pid:review>/reassign/", review.ReviewReassignView.as_view(), name="review-reassign"),
    path("reviews/<pid:review>/pass/", review.ReviewPassView.as_view(), name="review-pass"),
]
