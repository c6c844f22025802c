/* Read JSON Lines of plain mentions straight into arrays, without an object for each mention.

   Plain is a line {"doc_id": "...", "mentions": [{"id": "...", "start": 0, "end": 4, "label": "..."}, ...]} with keys
   in any order, each once, no others, strings of printable ASCII without escapes, and whole numbers of at most ten
   digits; up to MAX_LABELS labels. Of anything else scan() says that it is not plain, and msgspec reads it, so no fault
   is judged here: what is plain is a subset of what msgspec takes for an Annotation, with the same values
   (tests/test_columns.py).

   Every loop ends at a byte that it does not expect, and a bytes object ends with a NUL byte, which none expects. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

enum { MAX_LABELS = 2000, SLOTS = 8192, MAX_DIGITS = 10 };

typedef struct {
    const char *at;
    Py_ssize_t size;
} String;

/* Labels numbered in the order in which they are met: a hash table with open addressing. */
typedef struct {
    String keys[SLOTS];
    int64_t numbers[SLOTS];
    String in_order[MAX_LABELS];
    int64_t count;
} Labels;

typedef struct {
    int64_t *start, *end, *label;
    Py_ssize_t count, room;
} Columns;

static const char *space(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

/* These read one thing at p and return what is behind it, NULL where it is not plain. */

static const char *string(const char *p, String *found)
{
    if (*p++ != '"')
        return NULL;
    found->at = p;
    while (*p >= ' ' && *p <= '~' && *p != '"' && *p != '\\')
        p++;
    found->size = p - found->at;
    return *p == '"' ? p + 1 : NULL;
}

static const char *number(const char *p, int64_t *found)
{
    const char *from = p;
    int64_t value = 0;
    while (*p >= '0' && *p <= '9' && p - from < MAX_DIGITS)
        value = 10 * value + (*p++ - '0');
    *found = value;
    return p == from || (*from == '0' && p - from > 1) ? NULL : p;
}

/* What is behind a key and its colon; NULL where another one stands. */
static inline const char *key(const char *p, const char *stop, const char *quoted, size_t size)
{
    if ((size_t)(stop - p) < size || memcmp(p, quoted, size) != 0)
        return NULL;
    p = space(p + size);
    return *p == ':' ? space(p + 1) : NULL;
}

#define KEY(name) "\"" name "\"", sizeof(name) + 1

/* The number of a label, -1 if there are too many. */
static int64_t number_of(Labels *labels, String label)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (Py_ssize_t i = 0; i < label.size; i++)
        hash = (hash ^ (unsigned char)label.at[i]) * 1099511628211u;
    size_t slot = (size_t)((hash ^ (hash >> 32)) % SLOTS);
    for (; labels->keys[slot].at != NULL; slot = (slot + 1) % SLOTS)
        if (labels->keys[slot].size == label.size && !memcmp(labels->keys[slot].at, label.at, (size_t)label.size))
            return labels->numbers[slot];
    if (labels->count == MAX_LABELS)
        return -1;
    labels->keys[slot] = labels->in_order[labels->count] = label;
    return labels->numbers[slot] = labels->count++;
}

static const char *mention(const char *p, const char *stop, Labels *labels, Columns *columns)
{
    enum { ID = 1, START = 2, END = 4, LABEL = 8, ALL = 15 };
    int seen = 0;
    int64_t start = 0, end = 0, number_of_label;
    String text, label = {NULL, 0};
    if (*p != '{')
        return NULL;
    do {
        int field;
        const char *value;
        p = space(p + 1);
        if ((value = key(p, stop, KEY("id"))) != NULL)
            field = ID, p = string(value, &text);
        else if ((value = key(p, stop, KEY("start"))) != NULL)
            field = START, p = number(value, &start);
        else if ((value = key(p, stop, KEY("end"))) != NULL)
            field = END, p = number(value, &end);
        else if ((value = key(p, stop, KEY("label"))) != NULL)
            field = LABEL, p = string(value, &label);
        else
            return NULL;
        if (p == NULL || (seen & field))
            return NULL;
        seen |= field;
        p = space(p);
    } while (*p == ',');
    if (*p != '}' || seen != ALL || columns->count == columns->room)
        return NULL;
    if ((number_of_label = number_of(labels, label)) < 0)
        return NULL;
    columns->start[columns->count] = start;
    columns->end[columns->count] = end;
    columns->label[columns->count++] = number_of_label;
    return p + 1;
}

static const char *mentions(const char *p, const char *stop, Labels *labels, Columns *columns)
{
    if (*p != '[')
        return NULL;
    p = space(p + 1);
    if (*p == ']')
        return p + 1;
    for (;; p = space(p + 1)) {
        if ((p = mention(p, stop, labels, columns)) == NULL)
            return NULL;
        p = space(p);
        if (*p != ',')
            return *p == ']' ? p + 1 : NULL;
    }
}

static const char *document(const char *p, const char *stop, String *doc_id, Labels *labels, Columns *columns)
{
    enum { DOC_ID = 1, MENTIONS = 2, ALL = 3 };
    int seen = 0;
    if (*p != '{')
        return NULL;
    do {
        int field;
        const char *value;
        p = space(p + 1);
        if ((value = key(p, stop, KEY("doc_id"))) != NULL)
            field = DOC_ID, p = string(value, doc_id);
        else if ((value = key(p, stop, KEY("mentions"))) != NULL)
            field = MENTIONS, p = mentions(value, stop, labels, columns);
        else
            return NULL;
        if (p == NULL || (seen & field))
            return NULL;
        seen |= field;
        p = space(p);
    } while (*p == ',');
    return *p == '}' && seen == ALL ? space(p + 1) : NULL;
}

static int append(PyObject *list, String text)
{
    PyObject *item = PyUnicode_FromStringAndSize(text.at, text.size);
    int failed = item == NULL || PyList_Append(list, item) < 0;
    Py_XDECREF(item);
    return failed;
}

/* The ids of all documents and the labels, with everything else in the arrays; None where a line is not plain. */
static PyObject *scan_lines(const char *p, const char *stop, Py_buffer *sizes, Columns *columns, Labels *labels)
{
    PyObject *doc_ids = PyList_New(0), *names = PyList_New(0), *found = NULL;
    Py_ssize_t documents = 0, room = sizes->len / (Py_ssize_t)sizeof(int64_t);
    if (doc_ids == NULL || names == NULL)
        goto done;
    while ((p = space(p)) < stop) {
        String doc_id = {NULL, 0};
        Py_ssize_t before = columns->count;
        if (*p == '\n') {
            p++;
            continue;
        }
        p = document(p, stop, &doc_id, labels, columns);
        if (p == NULL || documents == room || !(*p == '\n' || p == stop)) {
            found = Py_NewRef(Py_None);
            goto done;
        }
        if (append(doc_ids, doc_id))
            goto done;
        ((int64_t *)sizes->buf)[documents++] = columns->count - before;
    }
    for (int64_t i = 0; i < labels->count; i++)
        if (append(names, labels->in_order[i]))
            goto done;
    found = PyTuple_Pack(2, doc_ids, names);
done:
    Py_XDECREF(doc_ids);
    Py_XDECREF(names);
    return found;
}

static PyObject *scan(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *data, *found = NULL;
    Py_buffer sizes, start, end, label;
    char *text;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "Sw*w*w*w*", &data, &sizes, &start, &end, &label))
        return NULL;
    Labels *labels = PyMem_Calloc(1, sizeof(Labels));
    if (labels == NULL)
        PyErr_NoMemory();
    else if (start.len != end.len || start.len != label.len)
        PyErr_SetString(PyExc_ValueError, "columns must be of one length");
    else if (PyBytes_AsStringAndSize(data, &text, &size) == 0) {
        Columns columns = {start.buf, end.buf, label.buf, 0, start.len / (Py_ssize_t)sizeof(int64_t)};
        found = scan_lines(text, text + size, &sizes, &columns, labels);
    }
    PyMem_Free(labels);
    PyBuffer_Release(&sizes);
    PyBuffer_Release(&start);
    PyBuffer_Release(&end);
    PyBuffer_Release(&label);
    return found;
}

static PyMethodDef methods[] = {
    {"scan", scan, METH_VARARGS,
     "scan(data, sizes, start, end, label, /)\n--\n\n"
     "Read lines of plain mentions into writable arrays of 64-bit integers (their type is not checked).\n\n"
     "Returns the ids of the documents and the labels in the order in which they are met; None where a line is not\n"
     "plain, there are more labels than can be counted or an array is too short, with the arrays in any state."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_scan", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__scan(void)
{
    return PyModuleDef_Init(&definition);
}
