"""Words that are no names: where a name ends in running text, and what a line of talk looks like."""

import re

# Written by hand from how people write to a helpdesk. A word that is also a common given name or
# surname (Mega, Indah, Putri, Cinta, Setia, Budi, Jaya, Harum, Agustus, Mei, April) stays out.
_WORDS = """
saya sy sya aq ak aku gue gw gua saye aye ambo awak beta inyong nyong isun uda uni ajo abdi kulo kula ane kami kita anda kamu beliau dia ia mereka
bapak bpk ibu kakak kak kk mas mbak mba bang bung gan min mimin admin pak bu om tante adik adek
tuan nyonya sdr sdri saudara saudari bos kang akang teh ceu
suami istri isteri bini anak ayah ibunda ayahanda mertua orang orangtua ortu keluarga paman bibi
teman rekan sepupu keponakan almarhum almarhumah alm almh ahli waris
mau ingin pengen pengin mo hendak akan bisa dapat boleh tolong tlg tlong mohon mhn minta mnta bantu
bantuan bantuannya dibantu bantuin cek ngecek dicek cekin kasih kirim kirimkan dikirim info
infonya informasi tanya nanya bertanya menanyakan tanyakan nanyain naroskeun tanglet badhe bade
lupa hilang ilang rusak hilap kehilangan kelupaan tidak tdk gak ga gk nggak enggak ngga kagak bukan
belum blm sudah sdh udah udh dah telah pernah lagi masih msh sedang baru lama dulu sekarang skrg
kemarin besok nanti tadi hari ini itu tsb tersebut berikut sbb sebagai adalah ialah yaitu yakni
dengan dgn dg dan dn serta atau atw tapi tetapi tp namun karena krn karna sebab jadi supaya agar
untuk utk tuk buat bagi dari dr dri ke di pada pd dalam dlm oleh per tentang ttg mengenai soal
yang yg kalau kalo klo kl jika bila apakah apa gimana gmn bagaimana gmna kenapa knp mengapa kapan
dimana dmn mana berapa brp siapa saja aja jg juga lah kah nih nich dong sih ya yah iya y ok oke
no nomor nomer nmr num nomernya nomornya nya nama nami nm namanya name ttl tempat tempatnya tmpt
tmp tanggal tgl tg lahir lhr lahirnya dilahirkan kelahiran bulan bln tahun thn th taun umur usia
nik ktp ektp niknya ktpnya identitas induk kependudukan
kartu kpj jamsostek jmo bpjs bpjstk ketenagakerjaan bpjamsostek tk peserta kepesertaan keanggotaan
anggota jht jkk jkm jkp jp saldo klaim claim cair cairkan mencairkan pencairan santunan iuran
kerja bekerja krj pekerja karyawan karyawati pegawai staff staf buruh resign keluar masuk phk
perusahaan prshn pt cv ud tbk kantor pabrik cabang hrd personalia bagian petugas dinas instansi
alamat almt jalan jln jl rt rw kp kampung dusun desa kelurahan kecamatan kabupaten kab kota kec
hp wa whatsapp telp tlp telepon telpon handphone email gmail yahoo rekening rek bank
agama status pekerjaan jenis kelamin laki perempuan pria wanita lajang menikah kawin janda duda
islam kristen katolik hindu buddha konghucu wni
terima kasih terimakasih makasih mksh trims trimakasih tks thanks thank thx nuhun suwun nuwun matur
salam hormat hormatku wassalam wassalamualaikum assalamualaikum assalamu'alaikum wr wb selamat
pagi siang sore malam halo hallo hai hi hello dear yth kepada punten permisi maaf maap mf maafkan
perihal hal keperluan kendala masalah pertanyaan permohonan permintaan laporan keterangan catatan
data datanya lengkap lengkapnya sesuai benar bener betul salah ralat koreksi revisi seharusnya
ketik typo foto scan lampiran terlampir file dokumen surat kk npwp paklaring akun aplikasi login
password sandi daftar terdaftar registrasi verifikasi sebelumnya sesudah setelah sejak sampai
semua seluruh para setiap semoga sukses sehat banyak sangat sekali selalu atas bantu perhatiannya perhatian kerjasamanya
segera cepat balas dibalas balasan jawab jawaban ditunggu tunggu nunggu
ada adanya tiada cara caranya mendapatkan dapet mengetahui tau tahu mengurus urus ngurus ambil
punya milik kepunyaan minta diminta perkenalkan kenalkan izin ijin
i am my is the and to for of was were have has had lost forgot forget please help need want would
like could can you your me it number card member membership participant born on in at from with
date birth birthdate dob place place-of-birth regards sincerely best kind yours faithfully sent
this that not but because id full
asal warga negara kewarganegaraan dki menunggu bapa mama mamah kandung
""".split()
STOP = frozenset(_WORDS)

# Active verbs of clerks and complainers; no name of four or more letters after these prefixes is
# common (Mendrofa is lost here in lower-case running text only).
_VERB = re.compile(
    r"(?:meng|mem|meny|men|ber|per|ter|pem|pen|peng|di)[a-z]{3,}(?:kan|an|i|nya|in)"
    r"|(?:meng|memb|memp|meny|mencari|menc|mend|menj)[a-z]{3,}"
    r"|[a-z]{3,}(?:kannya|annya)|ke[a-z]{3,}annya"
)


def is_talk(word: str) -> bool:
    """Tell whether a folded word is ordinary language rather than part of a name."""
    word = word.strip(".,'-")
    return word in STOP or bool(_VERB.fullmatch(word))
